import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taskRetryDelayMs } from './delays.js';

describe('taskRetryDelayMs', () => {
  it('doubles from at most 1 s up to at most 5 min, never below half of that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.string(), (attempt, taskId) => {
        const fullMs = Math.min(300_000, 1000 * 2 ** (attempt - 1));
        const delayMs = taskRetryDelayMs(attempt, taskId);
        expect(delayMs).toBeLessThanOrEqual(fullMs);
        expect(delayMs).toBeGreaterThanOrEqual(fullMs / 2);
      }),
    );
  });

  it('is the same for the same task and spreads different ones', () => {
    const delays = Array.from({ length: 100 }, (_, i) => taskRetryDelayMs(5, `job/vad/${i}/1`));
    expect(delays).toEqual(
      Array.from({ length: 100 }, (_, i) => taskRetryDelayMs(5, `job/vad/${i}/1`)),
    );
    expect(new Set(delays).size).toBeGreaterThan(90);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(6000);
  });
});
