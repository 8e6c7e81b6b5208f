import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import {
  alignedSyncConfidence,
  paddedSyncConfidence,
  SYNC_SHIFT_COUNT,
} from './sync-confidence.js';

/** Distances 1 everywhere but at the best shift, where they are what `at` says. */
function distances(rowCount: number, at: (row: number) => number): Float32Array {
  const data = new Float32Array(rowCount * SYNC_SHIFT_COUNT).fill(1);
  for (let row = 0; row < rowCount; row++) data[row * SYNC_SHIFT_COUNT + 10] = at(row);
  return data;
}

describe('paddedSyncConfidence', () => {
  it.skipIf(!hasShared)('pulls the ends down as the reference does', () => {
    const { medfilt25_conf_edges } = new GoldenCase('quirks').values<{
      medfilt25_conf_edges: { fconf: number[]; fconfm: number[] };
    }>();
    // 60 equal rows: the median of the means is 0.95 and every row has 0.2 at the best shift.
    const rowCount = medfilt25_conf_edges.fconf.length - 6;
    const data = new Float32Array(rowCount * SYNC_SHIFT_COUNT).fill(0.95);
    for (let row = 0; row < rowCount; row++) data[row * SYNC_SHIFT_COUNT + 3] = 0.2;
    for (const [k, value] of paddedSyncConfidence(data).entries()) {
      expect(value).toBeCloseTo(medfilt25_conf_edges.fconfm[k]!, 5);
    }
  });

  it('has 6 values more than rows', () => {
    expect(paddedSyncConfidence(distances(45, () => 0.1)).length).toBe(51);
  });
});

describe('alignedSyncConfidence', () => {
  it('is level up to both ends of a track that speaks all the time', () => {
    for (const value of alignedSyncConfidence(
      distances(46, () => 0.25),
      51,
    )) {
      expect(value).toBeCloseTo(0.75, 6);
    }
  });

  it('puts a change of the lips at the middle of their window', () => {
    const confidence = alignedSyncConfidence(
      distances(95, (row) => (row < 48 ? 0.9 : 0.1)),
      100,
    );
    expect(confidence.findIndex((value) => value > 0.5)).toBe(50);
  });

  it('is 0 where the sound ended early', () => {
    const confidence = alignedSyncConfidence(
      distances(40, () => 0.25),
      100,
    );
    expect(confidence[44]).toBeCloseTo(0.75, 6);
    expect(confidence[45]).toBe(0);
  });

  it('is 0 without any row', () => {
    expect([...alignedSyncConfidence(new Float32Array(0), 3)]).toEqual([0, 0, 0]);
  });
});
