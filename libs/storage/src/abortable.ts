import { cancelledError, throwIfCancelled } from './blob-errors.js';

/**
 * The same items; ends with AvdError cancelled as soon as `signal` is aborted, even while the source is silent.
 */
export async function* abortable<T>(
  source: AsyncIterable<T>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  if (signal === undefined) {
    yield* source;
    return;
  }
  const iterator = source[Symbol.asyncIterator]();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(cancelledError(signal));
  });
  aborted.catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  let isExhausted = false;
  try {
    for (;;) {
      throwIfCancelled(signal);
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done === true) {
        isExhausted = true;
        return;
      }
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Not awaited: a generator that is waiting for its own source would never answer.
    if (!isExhausted) void iterator.return?.().catch(() => undefined);
  }
}

/** Waits; ends early with AvdError cancelled. */
export function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelledError(signal));
      return;
    }
    const stop = (): void => {
      clearTimeout(timer);
      reject(cancelledError(signal!));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
