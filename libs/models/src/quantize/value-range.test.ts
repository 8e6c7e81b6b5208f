import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RangeObserver } from './value-range.js';

describe('RangeObserver', () => {
  it('contains 0 and every number when nothing may be left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }))),
        (runs) => {
          const observer = new RangeObserver();
          for (const run of runs) observer.observe(Float32Array.from(run));
          const { min, max } = observer.range(1);
          expect(min).toBe(Math.min(0, ...runs.flat().map(Math.fround)));
          expect(max).toBe(Math.max(0, ...runs.flat().map(Math.fround)));
        },
      ),
    );
  });

  it('leaves the largest numbers out when a share is enough, also when they come later', () => {
    const observer = new RangeObserver();
    observer.observe(Float32Array.from({ length: 9990 }, (_, i) => i / 9990));
    observer.observe(Float32Array.from({ length: 10 }, () => 100));
    expect(observer.range(1).max).toBe(100);
    const { min, max } = observer.range(0.999);
    expect(min).toBe(0);
    expect(max).toBeGreaterThanOrEqual(9989 / 9990);
    expect(max).toBeLessThan(1.1);
  });
});
