import type { Box } from '@avd/domain';
import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxIou, suppressOverlaps } from './boxes.js';

const toBox = ([left, top, right, bottom]: readonly number[]): Box => ({
  left: left!,
  top: top!,
  right: right!,
  bottom: bottom!,
});
const anyBox = fc
  .tuple(fc.integer({ max: 50 }), fc.integer({ max: 50 }), fc.nat(50), fc.nat(50))
  .map(([x, y, width, height]) => toBox([x, y, x + width + 1, y + height + 1]));

describe('intersection over union', () => {
  it.skipIf(!hasShared)('is that of the reference', () => {
    interface IouCases {
      iou: { cases: { a: number[]; b: number[]; iou: number }[]; tolerance: number };
    }
    const { iou } = new GoldenCase('vision/track_shot').values<IouCases>();
    for (const { a, b, iou: expected } of iou.cases) {
      expect(Math.abs(boxIou(toBox(a), toBox(b)) - expected)).toBeLessThanOrEqual(iou.tolerance);
    }
  });

  it('is 0 for two empty boxes', () => {
    expect(boxIou(toBox([5, 5, 5, 5]), toBox([5, 5, 5, 5]))).toBe(0);
  });

  it('is symmetric, within [0, 1], and 1 for a box with itself', () => {
    fc.assert(
      fc.property(anyBox, anyBox, (a, b) => {
        expect(boxIou(a, b)).toBe(boxIou(b, a));
        expect(boxIou(a, b)).toBeGreaterThanOrEqual(0);
        expect(boxIou(a, b)).toBeLessThanOrEqual(1);
        expect(boxIou(a, a)).toBe(1);
      }),
    );
  });
});

describe('suppression of overlapping boxes', () => {
  it('keeps the best of a heap and everything apart from it', () => {
    const weak = { box: toBox([1, 1, 11, 11]), score: 0.5 };
    const strong = { box: toBox([0, 0, 10, 10]), score: 0.9 };
    const apart = { box: toBox([100, 0, 110, 10]), score: 0.1 };
    expect(suppressOverlaps([weak, apart, strong], 0.3)).toEqual([strong, apart]);
  });

  it('keeps boxes that overlap by exactly the limit', () => {
    const a = { box: toBox([0, 0, 90, 90]), score: 0.9 };
    const b = { box: toBox([30, 0, 120, 90]), score: 0.8 };
    expect(suppressOverlaps([a, b], 0.5)).toEqual([a, b]);
    expect(suppressOverlaps([a, b], 0.499)).toEqual([a]);
  });

  it('leaves no two boxes above the limit and drops none without a better neighbour', () => {
    const score = fc.double({ min: 0, max: 1, noNaN: true });
    const items = fc.array(fc.record({ box: anyBox, score }));
    fc.assert(
      fc.property(items, (all) => {
        const kept = suppressOverlaps(all, 0.3);
        const isCovered = (item: (typeof all)[number]): boolean =>
          kept.some((k) => k !== item && k.score >= item.score && boxIou(k.box, item.box) > 0.3);
        expect(kept.filter(isCovered)).toEqual([]);
        expect(all.every((item) => kept.includes(item) || isCovered(item))).toBe(true);
      }),
    );
  });
});
