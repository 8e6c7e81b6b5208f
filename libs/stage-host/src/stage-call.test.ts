import { AvdError } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import type { CallHost } from './stage-call.js';
import {
  countWords,
  fakeHost,
  mediaRef,
  wordInputs,
  type CountRequest,
  type CountWords,
} from './testing/count-words.js';

const session = () => ({ signal: new AbortController().signal, report: () => undefined });

const media = mediaRef();

async function run({ call }: CountWords, request: CountRequest, host: CallHost) {
  return call.run(request, session(), host);
}

describe('defineStageCall', () => {
  it('runs the method on what the references point to', async () => {
    const host = fakeHost();
    const words = countWords();
    const inputs = await wordInputs(host, ['a', 'b'], ['c']);
    const result = await run(words, { media, inputs }, host);
    expect(await host.artifacts.read(result.artifact.sha256)).toEqual({ count: 3 });
    expect(await result.summary()).toEqual({ trackCount: 3 });
    expect(result.execution).toMatchObject({
      reused: false,
      stageVersion: '3',
      models: [{ name: 'net', sha256: 'net' }],
      executionProvider: 'cpu',
    });
  });

  it('answers a call from before with its result, without running again', async () => {
    const host = fakeHost();
    const words = countWords();
    const inputs = await wordInputs(host, ['a']);
    const first = await run(words, { media, inputs }, host);
    const again = await run(words, { media, inputs }, host);
    expect(words.runs).toHaveLength(1);
    expect(again.artifact).toEqual(first.artifact);
    expect(again.execution.reused).toBe(true);
    expect(await again.summary()).toEqual({ trackCount: 1 });
  });

  it('runs again when the result was lost from the store', async () => {
    const host = fakeHost();
    const words = countWords();
    const inputs = await wordInputs(host, ['a']);
    const { artifact } = await run(words, { media, inputs }, host);
    await host.blobs.delete(artifact.sha256);
    const again = await run(words, { media, inputs }, host);
    expect(words.runs).toHaveLength(2);
    expect(again.artifact).toEqual(artifact);
    expect(await host.blobs.has(artifact.sha256)).toBe(true);
  });

  it('takes another input, order of pieces, parameter, network or recording for another call', async () => {
    const digests = new Map([['net', 'v1']]);
    const host = fakeHost(digests);
    const words = countWords();
    const inputs = await wordInputs(host, ['a'], ['b']);
    const request = { media, inputs };
    await run(words, request, host);
    await run(words, { ...request, inputs: await wordInputs(host, ['a'], ['c']) }, host);
    await run(words, { ...request, inputs: await wordInputs(host, ['b'], ['a']) }, host);
    await run(words, { ...request, limit: 1 }, host);
    await run(words, { ...request, network: 'other' }, host);
    await run(words, { ...request, media: mediaRef({ sha256: 'cd'.repeat(32) }) }, host);
    digests.set('net', 'v2');
    await run(words, request, host);
    expect(words.runs).toHaveLength(7);
  });

  it('takes a long list in a blob of its own for the same call as the same list inline', async () => {
    const host = fakeHost();
    const words = countWords();
    const inputs = await wordInputs(host, ['a'], ['b']);
    await run(words, { media, inputs }, host);
    const manifest = { uri: '', ...(await host.artifacts.write(inputs['words']!.artifacts)) };
    await run(words, { media, inputs: { words: { artifacts: [], manifest } } }, host);
    expect(words.runs).toHaveLength(1);
  });

  it('keeps nothing of a call that was aborted', async () => {
    const host = fakeHost();
    const stop = new AbortController();
    const words = countWords(async () => stop.abort());
    const inputs = await wordInputs(host, ['a']);
    const aborted = words.call.run(
      { media, inputs },
      { signal: stop.signal, report: () => undefined },
      host,
    );
    expect(AvdError.from(await aborted.catch((error: unknown) => error)).kind).toBe('cancelled');
    const again = await run(words, { media, inputs }, host);
    expect(again.execution.reused).toBe(false);
  });

  it('keeps nothing of a call that failed', async () => {
    const host = fakeHost();
    let isBroken = true;
    const words = countWords(async () => {
      if (isBroken) throw new AvdError('model', 'MODEL_FAILED', 'No.');
    });
    const inputs = await wordInputs(host, ['a']);
    await expect(run(words, { media, inputs }, host)).rejects.toMatchObject({
      reason: 'MODEL_FAILED',
    });
    isBroken = false;
    expect((await run(words, { media, inputs }, host)).execution.reused).toBe(false);
  });

  it('says which field is missing', async () => {
    const host = fakeHost();
    const words = countWords();
    await expect(run(words, { media: undefined }, host)).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'FIELD_MISSING',
      details: { field: 'media' },
    });
    await expect(run(words, { media, inputs: {} }, host)).rejects.toMatchObject({
      reason: 'FIELD_MISSING',
      details: { field: 'inputs["words"]' },
    });
    expect(words.runs).toEqual([]);
  });

  it('says that an input is not in the store', async () => {
    const host = fakeHost();
    const inputs = await wordInputs(host, ['a']);
    await host.blobs.delete(inputs['words']!.artifacts[0]!.sha256);
    await expect(run(countWords(), { media, inputs }, host)).rejects.toMatchObject({
      kind: 'notFound',
      reason: 'BLOB_NOT_FOUND',
    });
  });
});
