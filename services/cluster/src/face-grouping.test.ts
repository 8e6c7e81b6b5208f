import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupFaces, type FaceSample } from './face-grouping.js';

interface GroupingCase {
  readonly frame_ranges_inclusive: [number, number][];
  readonly expected_face_id: number[];
}

describe.skipIf(!hasShared)('face grouping against the reference', () => {
  const golden = hasShared ? new GoldenCase('facecluster/grouping') : undefined;
  const cases = golden?.values<{ cases: Record<string, GroupingCase> }>().cases ?? {};

  it.each(Object.keys(cases))('groups %s as the reference does', (name) => {
    const { data, shape } = golden!.array(`${name}_feats`);
    const features = data as Float32Array;
    const [trackCount, rowCount, columnCount] = shape as [number, number, number];
    const ranges = cases[name]!.frame_ranges_inclusive;
    expect(ranges.length).toBe(trackCount);
    const tracks = ranges.map(([first, last], track): FaceSample => {
      const start = track * rowCount * columnCount;
      return {
        startFrame: first,
        endFrame: last + 1,
        embeddings: {
          data: features.subarray(start, start + rowCount * columnCount),
          rowCount,
          columnCount,
        },
      };
    });
    expect(groupFaces(tracks)).toEqual(cases[name]!.expected_face_id);
  });
});

const sample = (startFrame: number, endFrame: number, ...values: number[]): FaceSample => ({
  startFrame,
  endFrame,
  embeddings: { data: Float32Array.from(values), rowCount: values.length / 2, columnCount: 2 },
});

describe('face grouping', () => {
  it('gives nothing for no track', () => {
    expect(groupFaces([])).toEqual([]);
  });

  it('keeps a track without a readable picture to itself', () => {
    expect(groupFaces([sample(0, 9, 1, 0), sample(20, 29), sample(40, 49, 1, 0)])).toEqual([
      0, 1, 0,
    ]);
  });

  it('never puts two tracks that share a frame in one group', () => {
    const track = fc
      .tuple(fc.nat(100), fc.integer({ min: 1, max: 40 }), fc.nat(3))
      .map(([start, frames, look]) =>
        sample(start, start + frames, Math.cos(look), Math.sin(look)),
      );
    fc.assert(
      fc.property(fc.array(track, { maxLength: 12 }), (tracks) => {
        const groups = groupFaces(tracks);
        for (const [i, a] of tracks.entries()) {
          for (const [j, b] of tracks.entries()) {
            if (i === j || a.startFrame >= b.endFrame || b.startFrame >= a.endFrame) continue;
            expect(groups[i]).not.toBe(groups[j]);
          }
        }
      }),
    );
  });
});
