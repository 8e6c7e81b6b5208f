import { AvdError } from '@avd/domain';

/** What goes on so long after it was told to stop hangs: it is left alone. */
const STOP_LIMIT_MS = 5_000;

/**
 * Runs a piece of work with a limit.
 * @param work is told to stop by its signal when the limit is over or the outer signal aborts
 * @throws AvdError unavailable TASK_TIMEOUT when the limit was the reason; else what the work throws
 */
export async function withinTime<T>(
  limitSec: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
  stopLimitMs = STOP_LIMIT_MS,
): Promise<T> {
  const limit = new AbortController();
  const stop = AbortSignal.any([signal, limit.signal]);
  const timer = setTimeout(() => limit.abort(), limitSec * 1000);
  let giveUp: NodeJS.Timeout | undefined;
  let onStop = (): void => undefined;
  const hanging = new Promise<never>((_, reject) => {
    onStop = () => {
      giveUp = setTimeout(() => reject(new Error('The work does not stop.')), stopLimitMs);
    };
  });
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  try {
    return await Promise.race([work(stop), hanging]);
  } catch (error) {
    if (!limit.signal.aborted || signal.aborted) throw error;
    throw new AvdError(
      'unavailable',
      'TASK_TIMEOUT',
      `The task did not end within ${limitSec} s.`,
      { cause: error },
    );
  } finally {
    stop.removeEventListener('abort', onStop);
    clearTimeout(timer);
    clearTimeout(giveUp);
  }
}
