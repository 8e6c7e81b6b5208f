import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { readGoldenWav } from './golden-wav.js';
import { hammingWindow, logMelSpectrogram, type LogMelOptions } from './log-mel.js';
import { triangularMelBank } from './mel.js';

const options: LogMelOptions = {
  window: hammingWindow(400),
  hopSamples: 160,
  fftSize: 512,
  bank: triangularMelBank({ bandCount: 64, fftSize: 512, sampleRateHz: 16_000 }),
  logOffset: 1e-6,
  preEmphasis: 0.97,
};

describe.skipIf(!hasShared)('logMelSpectrogram against the front end of the voice network', () => {
  const golden = hasShared ? new GoldenCase('networks/resnetse') : undefined;

  it('has the same window', () => {
    const expected = golden!.array('window');
    expect(
      excessOverTolerance(options.window, expected.data as Float32Array, expected.tolerance),
    ).toBeLessThanOrEqual(0);
  });

  it('has the same log mel energies for two seconds of speech', () => {
    const samples = Float32Array.from(
      readGoldenWav('networks/speech_2s.wav'),
      (value) => value / 32768,
    );
    const expected = golden!.array('logmel');
    const bandsFirst = expected.data as Float32Array;
    const framesFirst = bandsFirst.map((_, i) => bandsFirst[(i % 64) * 201 + Math.floor(i / 64)]!);
    expect(
      excessOverTolerance(logMelSpectrogram(samples, options), framesFirst, expected.tolerance),
    ).toBeLessThanOrEqual(0);
  });
});

describe('logMelSpectrogram', () => {
  it.each([
    [0, 0],
    [1, 1],
    [159, 1],
    [160, 2],
    [32_000, 201],
  ])('makes of %d samples %d frames of finite numbers', (sampleCount, frameCount) => {
    const logMel = logMelSpectrogram(new Float32Array(sampleCount).fill(0.5), options);
    expect(logMel).toHaveLength(frameCount * 64);
    expect(logMel.every(Number.isFinite)).toBe(true);
  });

  it('gives the log of the offset for silence', () => {
    const logMel = logMelSpectrogram(new Float32Array(1000), options);
    expect(new Set(logMel)).toEqual(new Set([Math.fround(Math.log(1e-6))]));
  });

  it('refuses a bank or window that does not fit the transform', () => {
    expect(() => logMelSpectrogram(new Float32Array(1), { ...options, fftSize: 256 })).toThrow(
      RangeError,
    );
  });
});
