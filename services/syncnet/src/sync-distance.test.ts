import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { syncAudioWindowRange, syncDistances, type FeatureRows } from './sync-distance.js';

const fromStart = (data: Float32Array): FeatureRows => ({ data, startWindow: 0 });

describe.skipIf(!hasShared)('syncDistances against the reference', () => {
  it.each(['n30_d64', 'n12_d1024', 'n3_d16'])('matches calc_pdist for %s', (name) => {
    const golden = new GoldenCase('syncnet/calc_pdist');
    const lips = golden.array(`${name}_feat1`);
    const audio = golden.array(`${name}_feat2`);
    const expected = golden.array(`${name}_dists`);
    const actual = syncDistances(
      fromStart(lips.data as Float32Array),
      fromStart(audio.data as Float32Array),
      lips.shape[1]!,
    );
    expect(
      excessOverTolerance(actual, expected.data as Float32Array, expected.tolerance),
    ).toBeLessThanOrEqual(0);
  });

  it.each(['sync0', 'offset_plus3', 'offset_minus7', 'audio_short', 'audio_long', 'unrelated'])(
    'matches SyncNet.evaluate for %s',
    (name) => {
      const golden = new GoldenCase('syncnet/evaluate');
      const lips = golden.array(`${name}_im_feat`).data as Float32Array;
      const audio = golden.array(`${name}_cc_feat`).data as Float32Array;
      const expected = golden.array(`${name}_dists`);
      const actual = syncDistances(fromStart(lips), fromStart(audio), 48);
      expect(
        excessOverTolerance(actual, expected.data as Float32Array, expected.tolerance),
      ).toBeLessThanOrEqual(0);
    },
  );
});

describe('syncDistances', () => {
  const FEATURES = 7;
  const features = (windowCount: number, seed: number): Float32Array =>
    Float32Array.from({ length: windowCount * FEATURES }, (_, i) => Math.sin(i * i * 0.37 + seed));

  it('gives the same bits for any range of a track', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.nat(), (windowCount, a, b) => {
        const lips = features(windowCount, 1);
        const audio = features(windowCount, 2);
        const start = a % windowCount;
        const end = start + 1 + (b % (windowCount - start));
        const sound = syncAudioWindowRange(start, end, windowCount);
        const part = syncDistances(
          { data: lips.slice(start * FEATURES, end * FEATURES), startWindow: start },
          {
            data: audio.slice(sound.startWindow * FEATURES, sound.endWindow * FEATURES),
            startWindow: sound.startWindow,
          },
          FEATURES,
        );
        const whole = syncDistances(fromStart(lips), fromStart(audio), FEATURES);
        expect(part).toEqual(whole.slice(start * 21, end * 21));
      }),
    );
  });

  it('is 0 for the same direction, 2 for the opposite and 1 for silence', () => {
    const lips = Float32Array.of(3, 4, 3, 4, 0, 0);
    const audio = Float32Array.of(0.3, 0.4, -6, -8, 0, 0);
    const distances = syncDistances(fromStart(lips), fromStart(audio), 2);
    expect(distances[10]).toBeCloseTo(0, 6);
    expect(distances[11]).toBeCloseTo(2, 6);
    expect(distances[12]).toBe(1);
    expect([...distances.subarray(42)]).toEqual(new Array(21).fill(1));
  });

  it('gives nothing for no windows', () => {
    expect(
      syncDistances(fromStart(new Float32Array(0)), fromStart(new Float32Array(0)), 1024),
    ).toHaveLength(0);
  });

  it('refuses features that are not whole rows', () => {
    expect(() =>
      syncDistances(fromStart(new Float32Array(5)), fromStart(new Float32Array(4)), 4),
    ).toThrow(RangeError);
  });
});
