import { createReadStream } from 'node:fs';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import { delay } from './abortable.js';
import { spoolBytes, type SpoolOptions } from './spooled-bytes.js';
import { verifiedBytes } from './verified-bytes.js';

export interface OutageToleranceOptions extends SpoolOptions {
  /** After so many seconds of failures the last one is thrown. @default 60 */
  readonly giveUpSec?: number;
  /** Wait after the first failure; doubles up to 5 s, with jitter. @default 200 */
  readonly firstDelayMs?: number;
  /** Told of every failure that is followed by another try. */
  readonly onRetry?: (error: AvdError) => void;
}

const MAX_DELAY_MS = 5_000;

/**
 * The same store, which tries again while the store is unavailable, so that a short outage fails no task. A stream
 * to be stored is spooled first, and one that is read goes on where it broke off. Damaged blobs are not read again.
 */
export function withOutageTolerance(
  store: BlobStore,
  options: OutageToleranceOptions = {},
): BlobStore {
  const giveUpMs = (options.giveUpSec ?? 60) * 1000;
  const firstDelayMs = options.firstDelayMs ?? 200;

  /** Waits before the next try of an outage that began at `sinceMs`, or throws. */
  const waitOrThrow = async (
    error: unknown,
    outage: { sinceMs: number; failures: number },
    signal?: AbortSignal,
  ): Promise<void> => {
    const isOutage =
      error instanceof AvdError && error.kind === 'unavailable' && error.reason !== 'BLOB_DAMAGED';
    const leftMs = outage.sinceMs + giveUpMs - performance.now();
    if (!isOutage || leftMs <= 0) throw error;
    options.onRetry?.(error);
    const delayMs = Math.min(firstDelayMs * 2 ** outage.failures, MAX_DELAY_MS);
    outage.failures += 1;
    // Jitter: the tasks that failed together do not come back together.
    await delay(Math.min(delayMs * (0.5 + Math.random() / 2), leftMs), signal);
  };
  const persist = async <T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const outage = { sinceMs: performance.now(), failures: 0 };
    for (;;) {
      try {
        return await run();
      } catch (error) {
        await waitOrThrow(error, outage, signal);
      }
    }
  };
  async function* readOn(sha256: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    let doneBytes = 0;
    let outage = { sinceMs: performance.now(), failures: 0 };
    for (;;) {
      let skipBytes = doneBytes;
      try {
        for await (const piece of store.open(sha256, signal)) {
          const fresh = piece.subarray(Math.min(skipBytes, piece.length));
          skipBytes -= piece.length - fresh.length;
          if (fresh.length === 0) continue;
          doneBytes += fresh.length;
          yield fresh;
          outage = { sinceMs: performance.now(), failures: 0 };
        }
        return;
      } catch (error) {
        await waitOrThrow(error, outage, signal);
      }
    }
  }

  return {
    async put(source, mediaType, signal) {
      if (source instanceof Uint8Array) {
        return persist(() => store.put(source, mediaType, signal), signal);
      }
      await using spooled = await spoolBytes(source, options, signal);
      const { content } = spooled;
      const again = (): Uint8Array | AsyncIterable<Uint8Array> =>
        content.kind === 'memory'
          ? content.bytes
          : (createReadStream(content.path) as AsyncIterable<Buffer>);
      return await persist(() => store.put(again(), mediaType, signal), signal);
    },
    get: (sha256, signal) => persist(() => store.get(sha256, signal), signal),
    // Checked here as well: the pieces of two tries are put together.
    open: (sha256, signal) => verifiedBytes(sha256, readOn(sha256, signal)),
    has: (sha256, signal) => persist(() => store.has(sha256, signal), signal),
    delete: (sha256) => persist(() => store.delete(sha256)),
    getPointer: (key, signal) => persist(() => store.getPointer(key, signal), signal),
    putPointer: (key, ref, signal) => persist(() => store.putPointer(key, ref, signal), signal),
  };
}
