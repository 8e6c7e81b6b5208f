import { cancelledError, throwIfCancelled } from './blob-errors.js';

const tails = new Map<string, Promise<void>>();

/** Runs one at a time in this process for each key, in the order of the calls; waiting can be stopped. */
export async function withKeyedLock<T>(
  key: string,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal);
  const previous = tails.get(key) ?? Promise.resolve();
  let finish = (): void => undefined;
  const mine = new Promise<void>((resolve) => (finish = resolve));
  const tail = previous.then(() => mine);
  tails.set(key, tail);
  try {
    await untilAborted(previous, signal);
    return await run();
  } finally {
    finish();
    if (tails.get(key) === tail) tails.delete(key);
  }
}

async function untilAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return turn;
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(cancelledError(signal));
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
