import { setTimeout } from 'node:timers/promises';

/** Waits; ends early, and without an error, when the signal aborts. */
export async function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(delayMs, undefined, signal === undefined ? {} : { signal }).catch(
    () => undefined,
  );
}
