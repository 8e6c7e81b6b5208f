import { setTimeout as pause } from 'node:timers/promises';

/** Polls until the condition holds. @throws Error after the limit */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`Not so after ${limitMs} ms.`);
    await pause(10);
  }
}
