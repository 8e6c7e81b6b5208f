import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { symmetricMelMatrix } from './ecapa-features.js';
import { fourierKernel, hammingWindow } from './spectrum.js';

describe('fourierKernel', () => {
  it('finds a cosine in its bin, whatever its phase', () => {
    const size = 16;
    const { weight, dims } = fourierKernel(new Float64Array(size).fill(1), size);
    expect(dims).toEqual([18, 1, size]);
    const signal = Array.from({ length: size }, (_, n) =>
      Math.cos((2 * Math.PI * 3 * n) / size + 1),
    );
    const parts = Array.from({ length: 18 }, (_, row) =>
      signal.reduce((sum, x, n) => sum + x * weight[row * size + n]!, 0),
    );
    const power = Array.from({ length: 9 }, (_, bin) => parts[bin]! ** 2 + parts[9 + bin]! ** 2);
    power.forEach((value, bin) => expect(value).toBeCloseTo(bin === 3 ? (size / 2) ** 2 : 0, 4));
  });
});

describe.skipIf(!hasShared)('constants of the front ends', () => {
  it('has the window of torch', () => {
    const { data, tolerance } = new GoldenCase('networks/resnetse').array('window');
    const excess = excessOverTolerance(hammingWindow(400), data as Float32Array, tolerance);
    expect(excess).toBeLessThanOrEqual(0);
  });

  it('has the mel filters of SpeechBrain', () => {
    const { data, tolerance } = new GoldenCase('networks/ecapa').array('fbank_matrix');
    const excess = excessOverTolerance(symmetricMelMatrix(), data as Float32Array, tolerance);
    expect(excess).toBeLessThanOrEqual(0);
  });
});
