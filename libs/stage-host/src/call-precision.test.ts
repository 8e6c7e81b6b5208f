import { AvdError } from '@avd/domain';
import type { ModelPool } from '@avd/stage-kit';
import { describe, expect, it } from 'vitest';
import type { CallHost, CallResult } from './stage-call.js';
import { countWords, fakeHost, mediaRef, wordInputs } from './testing/count-words.js';

/** @param network that the method asks for */
async function call(
  { host, network, precision }: { host: CallHost; network: string; precision?: string },
  words = countWords(),
): Promise<CallResult> {
  const request = {
    media: mediaRef(),
    inputs: await wordInputs(host, ['a']),
    network,
    ...(precision !== undefined && { context: { precision } }),
  };
  const session = { signal: new AbortController().signal, report: () => undefined };
  return words.call.run(request, session, host);
}

describe('the precision of a call', () => {
  it('int8 runs the 8-bit form, and its result is another one', async () => {
    const host = fakeHost();
    let pool: ModelPool | undefined;
    const words = countWords(async ({ models }) => void (pool = models));
    const published = await call({ host, network: 's3fd' }, words);
    expect(published.execution.models).toEqual([{ name: 's3fd', sha256: 's3fd' }]);
    expect((await pool!.load('s3fd')).name).toBe('s3fd');
    const int8 = await call({ host, network: 's3fd', precision: 'int8' }, words);
    expect(int8.execution).toMatchObject({
      reused: false,
      models: [{ name: 's3fd-int8', sha256: 's3fd-int8' }],
    });
    expect((await pool!.load('s3fd')).name).toBe('s3fd-int8');
    const again = await call({ host, network: 's3fd', precision: 'int8' }, words);
    expect(again.execution.reused).toBe(true);
    expect(words.runs).toHaveLength(2);
  });

  it.each(['', 'float32'])('%j is that of a call which says nothing', async (precision) => {
    const host = fakeHost();
    await call({ host, network: 's3fd' });
    expect((await call({ host, network: 's3fd', precision })).execution.reused).toBe(true);
  });

  it('does not matter to a network without an 8-bit form', async () => {
    const host = fakeHost();
    await call({ host, network: 'yunet' });
    const int8 = await call({ host, network: 'yunet', precision: 'int8' });
    expect(int8.execution).toMatchObject({ reused: true, models: [{ name: 'yunet' }] });
  });

  it('int8 is refused where the 8-bit form was not made', async () => {
    const whole = fakeHost();
    const models: ModelPool = {
      load: async (name) => {
        if (!name.endsWith('-int8')) return whole.models.load(name);
        throw new AvdError('precondition', 'MODEL_NOT_QUANTIZED', 'run "avd models quantize s3fd"');
      },
    };
    const host = { ...whole, models };
    await call({ host, network: 's3fd' });
    await expect(call({ host, network: 's3fd', precision: 'int8' })).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'MODEL_NOT_QUANTIZED',
    });
  });

  it('is refused when it is unknown', async () => {
    const host = fakeHost();
    await expect(call({ host, network: 's3fd', precision: 'int4' })).rejects.toMatchObject({
      kind: 'invalidInput',
      details: { field: 'context.precision' },
      message: expect.stringContaining('must be one of float32, int8, not "int4"') as string,
    });
  });
});
