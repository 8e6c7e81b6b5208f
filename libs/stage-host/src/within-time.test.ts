import { describe, expect, it } from 'vitest';
import { withinTime } from './within-time.js';

const never = (): AbortSignal => new AbortController().signal;

/** Ends with an error when it is told to. */
const obedient = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
  );

const deaf = (): Promise<never> => new Promise(() => undefined);

describe('withinTime', () => {
  it('gives the result, or the error of the work', async () => {
    expect(await withinTime(60, never(), async () => 7)).toBe(7);
    const failing = withinTime(60, never(), async () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
  });

  it('stops work that takes too long, and says so', async () => {
    await expect(withinTime(0.01, never(), obedient)).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'TASK_TIMEOUT',
      cause: { message: 'stopped' },
    });
  });

  it('leaves work alone that does not stop', async () => {
    await expect(withinTime(0.01, never(), deaf, 10)).rejects.toMatchObject({
      reason: 'TASK_TIMEOUT',
    });
  });

  it('does not call it a timeout when somebody else stopped the work', async () => {
    const stop = new AbortController();
    const stopped = withinTime(60, stop.signal, obedient);
    stop.abort();
    await expect(stopped).rejects.toThrow('stopped');
    await expect(withinTime(60, stop.signal, deaf, 10)).rejects.toThrow('does not stop');
  });
});
