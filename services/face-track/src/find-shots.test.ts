import { readFileSync } from 'node:fs';
import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findShots } from './find-shots.js';

describe.skipIf(!hasShared)('shots against the merge filter of PySceneDetect', () => {
  interface FilterCase {
    readonly name: string;
    readonly above: string;
    readonly cuts: number[];
  }
  const cases = hasShared
    ? (
        JSON.parse(
          readFileSync(new GoldenCase('vision/scenes').file('flash_filter.json'), 'utf8'),
        ) as { cases: FilterCase[] }
      ).cases
    : [];

  it.each(cases)('start at the same frames: $name', ({ above, cuts }) => {
    const scores = [...above].map((digit) => (digit === '1' ? 27 : 26.999));
    const starts = findShots(scores, scores.length).map((shot) => shot.startFrame);
    expect(starts).toEqual([0, ...cuts]);
  });
});

describe('shots', () => {
  it('are a single one without a cut and none without frames', () => {
    expect(findShots(new Array<number>(40).fill(0), 40)).toEqual([{ startFrame: 0, endFrame: 40 }]);
    expect(findShots([], 0)).toEqual([]);
  });

  it('cover the video without overlap and are never shorter than the minimum, but for the last', () => {
    const scores = fc.array(fc.constantFrom(0, 0, 0, 0, 0, 30), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(scores, (contentScores) => {
        const shots = findShots(contentScores, contentScores.length);
        expect(shots[0]!.startFrame).toBe(0);
        expect(shots.at(-1)!.endFrame).toBe(contentScores.length);
        for (let i = 1; i < shots.length; i++) {
          expect(shots[i]!.startFrame).toBe(shots[i - 1]!.endFrame);
          expect(shots[i - 1]!.endFrame - shots[i - 1]!.startFrame).toBeGreaterThanOrEqual(15);
        }
      }),
    );
  });
});
