const BASE_MS = 1000;
const CAP_MS = 5 * 60_000;

/**
 * Pause before the next attempt: 1 s doubled with each attempt, at most 5 minutes, less up to a half
 * drawn from the task id, so that tasks that failed together do not return together, yet the same
 * task always waits the same.
 * @param attempt the one that has just failed, from 1
 */
export function taskRetryDelayMs(attempt: number, taskId: string): number {
  const fullMs = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.round(fullMs * (1 - fnv1a(`${taskId}#${attempt}`) / 2 ** 33));
}

/** FNV-1a, 32 bit (Fowler, Noll and Vo). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

/** Waits, or ends early when the signal aborts; never throws. */
export function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, durationMs);
    signal?.addEventListener('abort', end, { once: true });
  });
}
