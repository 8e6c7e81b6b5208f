import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import {
  applyMelBank,
  hzToMel,
  melToHz,
  triangularMelBank,
  wholeBinMelBank,
  type MelBank,
} from './mel.js';

/** Rows of weights over all bins, shape (bands, bins). */
function toDense(bank: MelBank): Float64Array {
  const dense = new Float64Array(bank.bandCount * bank.binCount);
  for (let band = 0; band < bank.bandCount; band++) {
    const row = bank.weights.subarray(bank.weightStart[band], bank.weightStart[band + 1]);
    dense.set(row, band * bank.binCount + bank.firstBin[band]!);
  }
  return dense;
}

const mfccBank = wholeBinMelBank({ bandCount: 26, fftSize: 512, sampleRateHz: 16_000 });

describe.skipIf(!hasShared)('mel banks against the reference', () => {
  it('whole-bin triangles equal those of python_speech_features', () => {
    const expected = new GoldenCase('audio/mfcc').array('filterbank');
    expect(
      excessOverTolerance(toDense(mfccBank), expected.data as Float64Array, expected.tolerance),
    ).toBeLessThanOrEqual(0);
  });

  it('exact triangles equal those of torchaudio', () => {
    const expected = new GoldenCase('networks/resnetse').array('mel_fb');
    const data = expected.data as Float32Array;
    const dense = toDense(triangularMelBank({ bandCount: 64, fftSize: 512, sampleRateHz: 16_000 }));
    const transposed = data.map((_, i) => data[(i % 257) * 64 + Math.floor(i / 257)]!);
    expect(excessOverTolerance(dense, transposed, expected.tolerance)).toBeLessThanOrEqual(0);
  });
});

describe('mel banks', () => {
  it('the mel scale and its inverse cancel', () => {
    for (const hz of [0, 50, 1000, 7999]) expect(melToHz(hzToMel(hz))).toBeCloseTo(hz, 8);
  });

  it('applying a bank is the product with its dense matrix', () => {
    const power = Float64Array.from({ length: 257 }, (_, bin) => 1 + Math.sin(bin) ** 2);
    const energies = new Float64Array(26);
    applyMelBank(mfccBank, power, energies);
    const dense = toDense(mfccBank);
    energies.forEach((energy, band) => {
      const expected = power.reduce((sum, value, bin) => sum + value * dense[band * 257 + bin]!, 0);
      expect(energy).toBeCloseTo(expected, 10);
    });
  });

  it('stays inside the frequencies asked for', () => {
    const bank = triangularMelBank({
      bandCount: 10,
      fftSize: 512,
      sampleRateHz: 16_000,
      lowHz: 1000,
      highHz: 4000,
    });
    const bins = toDense(bank).reduce<number[]>(
      (all, weight, i) => (weight > 0 ? [...all, i % 257] : all),
      [],
    );
    expect(Math.min(...bins) * 31.25).toBeGreaterThan(1000);
    expect(Math.max(...bins) * 31.25).toBeLessThan(4000);
  });

  it('a band too narrow to hold a bin has no weights and no energy', () => {
    const bank = triangularMelBank({ bandCount: 80, fftSize: 64, sampleRateHz: 16_000 });
    const energies = new Float64Array(80).fill(Number.NaN);
    applyMelBank(bank, new Float64Array(33).fill(1), energies);
    expect(energies.every((energy) => energy >= 0)).toBe(true);
    expect(energies.some((energy) => energy === 0)).toBe(true);
  });
});
