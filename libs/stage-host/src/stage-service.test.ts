import { descriptorImage, stageV1 } from '@avd/contracts';
import { createRpcClient, startRpcServer, type RpcClient } from '@avd/rpc';
import type { StageContext } from '@avd/stage-kit';
import { describe, expect, it } from 'vitest';
import type { CallHost } from './stage-call.js';
import { CallLimit, stageHandlers } from './stage-service.js';
import { countWords, fakeHost, mediaRef, wordInputs } from './testing/count-words.js';
import { until } from './testing/until.js';

interface Service extends AsyncDisposable {
  readonly client: RpcClient<typeof stageV1.VadServiceService>;
  readonly host: CallHost;
  readonly limit: CallLimit;
  detect(signal?: AbortSignal): AsyncGenerator<stageV1.DetectTrackSpeechResponse>;
}

/** VadService over real gRPC; its method counts words. */
async function serve(during?: (ctx: StageContext) => Promise<void>): Promise<Service> {
  const host = fakeHost();
  const limit = new CallLimit(2);
  const { call } = countWords(during);
  const implementation = stageHandlers(
    { detectSpeech: call, detectTrackSpeech: call },
    host,
    limit,
  );
  const server = await startRpcServer({
    address: '127.0.0.1:0',
    services: [{ definition: stageV1.VadServiceService, implementation }],
    descriptorImage: descriptorImage(),
  });
  const client = await createRpcClient(
    { service: stageV1.VadServiceService },
    `127.0.0.1:${server.port}`,
  );
  const inputs = await wordInputs(host, ['a', 'b']);
  const request = stageV1.DetectTrackSpeechRequest.fromPartial({ media: mediaRef(), inputs });
  return {
    ...{ client, host, limit },
    detect: (signal) => client.stream('detectTrackSpeech', request, signal && { signal }),
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown(0);
    },
  };
}

async function readAll<T>(updates: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const update of updates) all.push(update);
  return all;
}

/** A run that goes on until it is told to stop. */
function endless(): {
  readonly stopped: () => number;
  readonly during: (ctx: StageContext) => Promise<void>;
} {
  let stopped = 0;
  return {
    stopped: () => stopped,
    during: ({ signal, ...ctx }) =>
      new Promise((_, reject) => {
        ctx.report({ done: 0, total: 1, unit: 'words' });
        signal.addEventListener('abort', () => (stopped++, reject(signal.reason as Error)));
      }),
  };
}

describe('the gRPC service of a stage', () => {
  it('tells the progress of a call, then its result', async () => {
    await using service = await serve(async (ctx) => {
      ctx.report({ done: 1, total: 2, unit: 'words' });
      await new Promise((resolve) => setImmediate(resolve));
    });
    const updates = await readAll(service.detect());
    expect(updates[0]?.update).toEqual({
      $case: 'progress',
      value: { done: 1, total: 2, unit: 'words' },
    });
    const last = updates.at(-1)!.update;
    if (last?.$case !== 'result') throw new Error('no result');
    expect(await service.host.artifacts.read(last.value.artifact!.sha256)).toEqual({ count: 2 });
    expect(last.value.execution).toMatchObject({ reused: false, stageVersion: '3' });
    expect(updates.filter(({ update }) => update?.$case === 'result')).toHaveLength(1);
  });

  it('says at a second call that the result was there', async () => {
    await using service = await serve();
    await readAll(service.detect());
    const [only] = await readAll(service.detect());
    expect(only?.update).toMatchObject({ $case: 'result', value: { execution: { reused: true } } });
  });

  it('stops the run when the client leaves', async () => {
    const run = endless();
    await using service = await serve(run.during);
    const stop = new AbortController();
    const updates = service.detect(stop.signal);
    expect((await updates.next()).done).toBe(false);
    stop.abort();
    await expect(updates.next()).rejects.toMatchObject({ kind: 'cancelled' });
    await until(() => run.stopped() === 1 && service.limit.active === 0);
  });

  it('refuses calls beyond its limit, and takes them again when one has ended', async () => {
    const run = endless();
    await using service = await serve(run.during);
    const stop = new AbortController();
    const open = [service.detect(stop.signal), service.detect(stop.signal)];
    for (const updates of open) await updates.next();
    await expect(service.detect().next()).rejects.toMatchObject({
      kind: 'resourceExhausted',
      reason: 'TOO_MANY_CALLS',
    });
    stop.abort();
    for (const updates of open) await updates.next().catch(() => undefined);
    await until(() => service.limit.active === 0);
    const again = service.detect();
    expect((await again.next()).done).toBe(false);
    await again.return(undefined);
  });

  it('tells which field is missing', async () => {
    await using service = await serve();
    const request = stageV1.DetectTrackSpeechRequest.fromPartial({ media: mediaRef() });
    await expect(
      readAll(service.client.stream('detectTrackSpeech', request)),
    ).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'FIELD_MISSING',
      details: { field: 'inputs["words"]' },
    });
  });
});
