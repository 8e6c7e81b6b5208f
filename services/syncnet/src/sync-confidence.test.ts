import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { rawSyncConfidence, summarizeSync, syncConfidence } from './sync-confidence.js';

interface Evaluation {
  readonly rows: number;
  readonly offset: number;
  readonly conf: number;
  readonly conf_tolerance: number;
}

describe.skipIf(!hasShared)('confidence against the reference', () => {
  it('finds the offset and confidence of SyncNet.evaluate', () => {
    const golden = new GoldenCase('syncnet/evaluate');
    const { cases } = golden.values<{ cases: Record<string, Evaluation> }>();
    expect(Object.keys(cases).length).toBeGreaterThan(5);
    for (const [name, expected] of Object.entries(cases)) {
      const summary = summarizeSync(golden.array(`${name}_dists`).data as Float32Array)!;
      expect(summary.offsetFrames, name).toBe(expected.offset);
      expect(Math.abs(summary.confidence - expected.conf), name).toBeLessThanOrEqual(
        expected.conf_tolerance,
      );
    }
  });

  it.each([0, 1, 2, 3])(
    'finds the offset and confidence of track %d of the complete run',
    (track) => {
      const golden = new GoldenCase('e2e');
      const expected = golden.values<Record<string, Evaluation>>()[`sync${track}`]!;
      const summary = summarizeSync(golden.array(`sync${track}_dists`).data as Float32Array)!;
      expect(summary.offsetFrames).toBe(expected.offset);
      expect(Math.abs(summary.confidence - expected.conf)).toBeLessThanOrEqual(2e-6);
    },
  );

  it.each([
    ['one_visible', 1],
    ['track_edges', 3],
    ['offscreen', 2],
    ['two_alternating', 2],
    ['overlapping_speech', 2],
    ['strong_sync_without_vad', 1],
    ['few_features', 1],
    ['no_utterance', 1],
    ['merged_faces', 7],
    ['long_40min', 8],
  ])('gives every frame of scenario %s the confidence of the diarizer', (scenario, trackCount) => {
    const golden = new GoldenCase(`diarizer/${scenario}`);
    for (let track = 0; track < trackCount; track++) {
      const distances = golden.array(`asd_0000${track}`).data as Float32Array;
      const expected = golden.array(`fconfm_0000${track}`);
      const actual = syncConfidence(distances);
      expect(
        excessOverTolerance(actual, expected.data as Float32Array, expected.tolerance),
      ).toBeLessThanOrEqual(0);
    }
  });

  it('has the length of the reference', () => {
    const { lengths } = new GoldenCase('quirks').values<{
      lengths: Record<string, [number, number, number][] | string>;
    }>();
    const triples = Object.values(lengths).find((value) => typeof value !== 'string')!;
    for (const [, rows, confidences] of triples) {
      expect(syncConfidence(new Float32Array(rows * 21))).toHaveLength(confidences);
    }
  });

  it('is about -9 on three frames at both ends before the median filter and 0 after it', () => {
    const { medfilt25_conf_edges: edges } = new GoldenCase('quirks').values<{
      medfilt25_conf_edges: { fconf: number[]; fconfm: number[] };
    }>();
    const windowCount = edges.fconf.length - 6;
    // A column at 0.2 among columns at 0.95: confidence 0.75 everywhere.
    const distances = Float32Array.from({ length: windowCount * 21 }, (_, i) =>
      i % 21 === 4 ? 0.2 : 0.95,
    );
    expect(
      excessOverTolerance(rawSyncConfidence(distances), edges.fconf, { abs: 1e-6, rel: 0 }),
    ).toBeLessThanOrEqual(0);
    expect(
      excessOverTolerance(syncConfidence(distances), edges.fconfm, { abs: 1e-6, rel: 0 }),
    ).toBeLessThanOrEqual(0);
  });
});

describe('summarizeSync and syncConfidence', () => {
  it('say nothing about a track without windows', () => {
    expect(summarizeSync(new Float32Array(0))).toBeUndefined();
    expect(rawSyncConfidence(new Float32Array(0))).toHaveLength(0);
    expect(syncConfidence(new Float32Array(0))).toHaveLength(0);
  });

  it('take the first column when all fit equally well', () => {
    expect(summarizeSync(new Float32Array(42).fill(0.5))).toEqual({
      offsetFrames: 10,
      confidence: 0,
    });
  });

  it('refuse distances that are not whole rows', () => {
    expect(() => summarizeSync(new Float32Array(20))).toThrow(RangeError);
  });
});
