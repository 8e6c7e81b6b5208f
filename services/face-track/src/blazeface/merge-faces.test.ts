import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxIou } from '@avd/vision';
import { mergeFaces } from './merge-faces.js';

const face = (left: number, score: number) => ({
  box: { left, top: 0, right: left + 100, bottom: 100 },
  score,
});

describe('mergeFaces', () => {
  it('averages overlapping boxes, weighted with their scores', () => {
    const merged = mergeFaces([face(0, 0.6), face(10, 0.9)], 0.3);
    expect(merged).toHaveLength(1);
    expect(merged[0]?.score).toBe(0.9);
    expect(merged[0]?.box.left).toBeCloseTo(6, 9);
  });

  it('keeps faces apart that do not overlap', () => {
    expect(mergeFaces([face(0, 0.6), face(200, 0.9)], 0.3)).toEqual([face(200, 0.9), face(0, 0.6)]);
  });

  it('gives every candidate to one group, the best score of which it keeps', () => {
    const candidates = fc.array(
      fc.record({
        left: fc.integer({ min: 0, max: 500 }),
        score: fc.double({ min: 0.1, max: 1, noNaN: true }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(candidates, (list) => {
        const faces = list.map(({ left, score }) => face(left, score));
        const merged = mergeFaces(faces, 0.3);
        expect(merged.length).toBeLessThanOrEqual(faces.length);
        expect(merged[0]?.score).toBe(
          faces.length === 0 ? undefined : Math.max(...faces.map(({ score }) => score)),
        );
        for (const { box } of faces) {
          expect(merged.some((kept) => boxIou(kept.box, box) > 0)).toBe(true);
        }
      }),
    );
  });
});
