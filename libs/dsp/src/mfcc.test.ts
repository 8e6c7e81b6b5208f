import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readGoldenWav } from './golden-wav.js';
import { MFCC_COUNT, mfcc, mfccRowCount, mfccRows, mfccSampleRange } from './mfcc.js';

describe.skipIf(!hasShared)('mfcc against python_speech_features', () => {
  const golden = hasShared ? new GoldenCase('audio/mfcc') : undefined;

  function expectGolden(samples: Int16Array, name: string): void {
    const expected = golden!.array(name);
    expect(
      excessOverTolerance(mfcc(samples), expected.data as Float64Array, expected.tolerance),
    ).toBeLessThanOrEqual(0);
  }

  it.each(['a', 'b'])('matches the recording %s', (name) => {
    expectGolden(readGoldenWav(`audio/wav/${name}_16k.wav`), `mfcc_${name}`);
  });

  it.each([1, 200, 399, 400, 401, 559, 560, 561, 4480, 4481, 16000])(
    'matches a piece of %d samples',
    (sampleCount) => {
      expectGolden(
        readGoldenWav('audio/wav/a_16k.wav').subarray(40_000, 40_000 + sampleCount),
        `mfcc_len${sampleCount}`,
      );
    },
  );

  it('matches silence', () => {
    expectGolden(new Int16Array(1000), 'mfcc_zeros');
  });

  it('matches the loudest possible square wave', () => {
    expectGolden(
      Int16Array.from({ length: 1400 }, (_, i) => (i % 2 === 0 ? 32767 : -32768)),
      'mfcc_fullscale',
    );
  });

  it('counts rows as the reference does', () => {
    const { frames_by_samples: rowsBySamples } = golden!.values<{
      frames_by_samples: Record<string, number>;
    }>();
    for (const [sampleCount, rows] of Object.entries(rowsBySamples))
      expect(mfccRowCount(Number(sampleCount))).toBe(rows);
  });

  it.each([0, 1, 2, 3])('matches the sound of track %d of the complete run', (track) => {
    const expected = new GoldenCase('e2e').array(`sync${track}_mfcc`);
    const actual = mfcc(readGoldenWav(`e2e/crop_0000${track}.wav`));
    expect(
      excessOverTolerance(actual, expected.data as Float32Array, expected.tolerance),
    ).toBeLessThanOrEqual(0);
  });
});

describe('mfccRows', () => {
  const signal = (sampleCount: number): Int16Array =>
    Int16Array.from(
      { length: sampleCount },
      (_, i) => 9000 * Math.sin(i * i * 1e-3) + ((i * 7919) % 2003) - 1000,
    );

  it('gives the same bits for any range of rows, from no more samples than it asks for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), fc.nat(), fc.nat(), (sampleCount, a, b) => {
        const samples = signal(sampleCount);
        const rowCount = mfccRowCount(sampleCount);
        const startRow = a % (rowCount + 1);
        const endRow = startRow + (b % (rowCount + 1 - startRow));
        const need = mfccSampleRange(startRow, endRow, sampleCount);
        const block = {
          samples: samples.slice(need.startSample, need.endSample),
          startSample: need.startSample,
          signalSampleCount: sampleCount,
        };
        const whole = mfcc(samples);
        expect(mfccRows(block, startRow, endRow)).toEqual(
          whole.slice(startRow * MFCC_COUNT, endRow * MFCC_COUNT),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('gives nothing for an empty signal', () => {
    expect(mfcc(new Int16Array(0))).toHaveLength(0);
    expect(mfccRowCount(0)).toBe(0);
  });

  it('refuses rows that do not exist', () => {
    const block = { samples: new Int16Array(1000), startSample: 0, signalSampleCount: 1000 };
    expect(() => mfccRows(block, 0, 6)).toThrow(RangeError);
    expect(() => mfccRows(block, -1, 1)).toThrow(RangeError);
  });

  it('refuses a block that lacks a sample it needs', () => {
    const tooLate = { samples: new Int16Array(2000), startSample: 160, signalSampleCount: 4000 };
    expect(() => mfccRows(tooLate, 1, 2)).toThrow(RangeError);
    const tooShort = { samples: new Int16Array(399), startSample: 0, signalSampleCount: 4000 };
    expect(() => mfccRows(tooShort, 0, 1)).toThrow(RangeError);
  });
});
