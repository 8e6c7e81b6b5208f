import { describe, expect, it } from 'vitest';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import { memoryBlobStore } from './memory-blob-store.js';
import { describeBlobStore } from './testing/index.js';
import { withOutageTolerance } from './with-outage-tolerance.js';

const outage = (): AvdError => new AvdError('unavailable', 'AWAY', 'The store is away.');

/** A memory store whose next calls fail. */
function flakyStore(failures: AvdError[]): BlobStore & { readonly calls: string[] } {
  const inner = memoryBlobStore();
  const calls: string[] = [];
  const step = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
    calls.push(name);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return run();
  };
  return {
    calls,
    put: (source, mediaType, signal) => step('put', () => inner.put(source, mediaType, signal)),
    get: (sha256, signal) => step('get', () => inner.get(sha256, signal)),
    async *open(sha256) {
      const bytes = await inner.get(sha256);
      for (let index = 0; index < bytes.length; index += 2) {
        yield bytes.subarray(index, index + 2);
        await step('open', async () => undefined);
      }
    },
    has: (sha256, signal) => step('has', () => inner.has(sha256, signal)),
    delete: (sha256) => step('delete', () => inner.delete(sha256)),
    getPointer: (key, signal) => step('getPointer', () => inner.getPointer(key, signal)),
    putPointer: (key, ref, signal) => step('putPointer', () => inner.putPointer(key, ref, signal)),
  };
}

describeBlobStore('withOutageTolerance', async () => {
  const blobs = new Map<string, Uint8Array>();
  return {
    store: withOutageTolerance(memoryBlobStore({ blobs }), { memoryBytes: 1000 }),
    damage: async (sha256) => {
      const bytes = blobs.get(sha256)!;
      bytes[0] = bytes[0]! ^ 1;
    },
  };
});

describe('withOutageTolerance', () => {
  it('hides a short outage from every call', async () => {
    const failures: AvdError[] = [];
    const store = withOutageTolerance(flakyStore(failures), { firstDelayMs: 1 });
    const fail = (): number => failures.push(outage(), outage());
    fail();
    const ref = await store.put(Buffer.from('hello'), 'text/plain');
    fail();
    await store.putPointer(ref.sha256, ref);
    fail();
    expect(await store.getPointer(ref.sha256)).toEqual(ref);
    fail();
    expect(await store.has(ref.sha256)).toBe(true);
    fail();
    expect(Buffer.from(await store.get(ref.sha256)).toString()).toBe('hello');
    fail();
    await store.delete(ref.sha256);
    expect(failures).toEqual([]);
  });

  it('stores a stream whole although it can be read only once', async () => {
    const store = withOutageTolerance(flakyStore([outage(), outage()]), {
      firstDelayMs: 1,
      memoryBytes: 3,
    });
    async function* once(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ab');
      yield Buffer.from('cd');
    }
    const { sha256 } = await store.put(once(), 'text/plain');
    expect(Buffer.from(await store.get(sha256)).toString()).toBe('abcd');
  });

  it('reads on where a stream broke off, giving every byte once', async () => {
    const failures: AvdError[] = [];
    const store = withOutageTolerance(flakyStore(failures), { firstDelayMs: 1 });
    const { sha256 } = await store.put(Buffer.from('abcdefg'), 'text/plain');
    failures.push(outage(), outage(), outage());
    let text = '';
    for await (const piece of store.open(sha256)) text += Buffer.from(piece).toString();
    expect(text).toBe('abcdefg');
    expect(failures).toEqual([]);
  });

  it('gives up after giveUpSec with the last failure', async () => {
    const failures = Array.from({ length: 1000 }, outage);
    const store = withOutageTolerance(flakyStore(failures), { giveUpSec: 0.05, firstDelayMs: 5 });
    await expect(store.has('0'.repeat(64))).rejects.toMatchObject({ reason: 'AWAY' });
    expect(failures.length).toBeLessThan(998);
    expect(failures.length).toBeGreaterThan(900);
  });

  it.each([
    ['notFound', 'BLOB_NOT_FOUND'],
    ['permissionDenied', 'NO'],
    ['resourceExhausted', 'FULL'],
    ['unavailable', 'BLOB_DAMAGED'],
  ] as const)('does not try again after %s %s', async (kind, reason) => {
    const flaky = flakyStore([new AvdError(kind, reason, 'No.')]);
    await expect(withOutageTolerance(flaky).get('0'.repeat(64))).rejects.toMatchObject({ reason });
    expect(flaky.calls).toEqual(['get']);
  });

  it('can be stopped while it waits', async () => {
    const stop = new AbortController();
    const store = withOutageTolerance(flakyStore([outage(), outage()]), {
      firstDelayMs: 60_000,
      onRetry: () => setImmediate(() => stop.abort()),
    });
    await expect(store.get('0'.repeat(64), stop.signal)).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});
