import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { medianFilter } from './median-filter.js';

interface Vector {
  readonly x: number[];
  readonly y: number[];
}

describe.skipIf(!hasShared)('medianFilter against scipy', () => {
  const quirks = hasShared ? new GoldenCase('quirks').values<Record<string, Vector>>() : {};
  it.each([
    'medfilt13_edges',
    'medfilt13_constant',
    'medfilt13_negative_constant',
    'medfilt13_negative',
    'medfilt13_mixed_sign',
  ])('matches %s exactly', (name) => {
    expect([...medianFilter(quirks[name]!.x, 13)]).toEqual(quirks[name]!.y);
  });

  it('matches the confidence vector of a SyncNet track exactly', () => {
    const { fconf, fconfm } = quirks['medfilt25_conf_edges'] as unknown as {
      fconf: number[];
      fconfm: number[];
    };
    expect([...medianFilter(fconf, 25)]).toEqual(fconfm);
  });

  it('matches all random vectors, also those shorter than the kernel', () => {
    const { medfilt } = new GoldenCase('diarizer/units').values<{
      medfilt: { cases: (Vector & { k: number })[] };
    }>();
    expect(medfilt.cases.length).toBeGreaterThan(0);
    for (const { k, x, y } of medfilt.cases) expect([...medianFilter(x, k)]).toEqual(y);
  });
});

describe('medianFilter', () => {
  const zeroPadded = (values: readonly number[], kernelSize: number): number[] =>
    values.map((_, i) => {
      const window = Array.from(
        { length: kernelSize },
        (_unused, k) => values[i + k - (kernelSize >> 1)] ?? 0,
      );
      return window.sort((a, b) => a - b)[kernelSize >> 1]!;
    });

  it('is the median of every zero-padded window', () => {
    const value = fc.oneof(
      fc.integer({ min: -3, max: 3 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 80 }),
        fc.integer({ min: 0, max: 14 }),
        (values, half) => {
          const actual = [...medianFilter(values, 2 * half + 1)];
          expect(actual.map((x) => x + 0)).toEqual(
            zeroPadded(values, 2 * half + 1).map((x) => x + 0),
          );
        },
      ),
    );
  });

  it('gives nothing for nothing', () => {
    expect(medianFilter([], 13)).toHaveLength(0);
  });

  it.each([0, 2, -1, 1.5])('refuses the kernel size %d', (kernelSize) => {
    expect(() => medianFilter([1], kernelSize)).toThrow(RangeError);
  });
});
