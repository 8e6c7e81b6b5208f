import { mfcc } from '@avd/dsp';
import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mfccWindows, syncWindowCount, syncWindowSampleRange } from './mfcc-windows.js';
import { readGoldenWav } from './testing/golden-wav.js';

const wholeBlock = (samples: Int16Array) => ({
  samples,
  startSample: 0,
  signalSampleCount: samples.length,
});

describe.skipIf(!hasShared)('SyncNet windows against the reference', () => {
  it('there are as many as in SyncNet.evaluate', () => {
    const { cases } = new GoldenCase('syncnet/evaluate').values<{
      cases: Record<string, { video_frames: number; audio_samples: number; rows: number }>;
    }>();
    for (const [name, { video_frames: frames, audio_samples: samples, rows }] of Object.entries(
      cases,
    )) {
      expect(syncWindowCount(frames, samples), name).toBe(rows);
    }
    const { lengths } = new GoldenCase('quirks').values<{
      lengths: Record<string, [number, number, number][] | string>;
    }>();
    const triples = Object.values(lengths).find((value) => typeof value !== 'string')!;
    for (const [frames, rows] of triples) expect(syncWindowCount(frames, frames * 640)).toBe(rows);
  });

  it.each([0, 1, 2, 3])(
    'the windows of track %d hold the columns 4v to 4v + 19 of its MFCC',
    (track) => {
      const samples = readGoldenWav(`e2e/crop_0000${track}.wav`);
      const windowCount = Math.floor(samples.length / 640) - 5;
      const windows = mfccWindows(wholeBlock(samples), 0, windowCount);
      const expected = new GoldenCase('e2e').array(`sync${track}_mfcc`);
      const rows = expected.data as Float32Array;
      for (const window of [0, 1, 17, windowCount - 1]) {
        const columns = Array.from(
          { length: 260 },
          (_, i) => rows[(4 * window + (i % 20)) * 13 + Math.floor(i / 20)]!,
        );
        const actual = windows.subarray(window * 260, (window + 1) * 260);
        expect(excessOverTolerance(actual, columns, expected.tolerance)).toBeLessThanOrEqual(0);
      }
    },
  );
});

describe('mfccWindows', () => {
  const signal = (sampleCount: number): Int16Array =>
    Int16Array.from(
      { length: sampleCount },
      (_, i) => 9000 * Math.sin(i * i * 1e-3) + ((i * 7919) % 2003) - 1000,
    );

  it('gives the same bits for any range, from no more samples than it asks for', () => {
    const samples = signal(12_345);
    const windowCount = syncWindowCount(100, samples.length);
    const whole = mfccWindows(wholeBlock(samples), 0, windowCount);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: windowCount }),
        fc.integer({ min: 0, max: windowCount }),
        (a, b) => {
          const [start, end] = [Math.min(a, b), Math.max(a, b)];
          const { startSample, endSample } = syncWindowSampleRange(start, end, samples.length);
          const block = {
            samples: samples.slice(startSample, endSample),
            startSample,
            signalSampleCount: samples.length,
          };
          expect(mfccWindows(block, start, end)).toEqual(whole.slice(start * 260, end * 260));
        },
      ),
    );
  });

  it('has sound enough for the last window of any length', () => {
    for (let sampleCount = 6 * 640; sampleCount < 9 * 640; sampleCount += 37) {
      const windowCount = syncWindowCount(1000, sampleCount);
      const windows = mfccWindows(wholeBlock(signal(sampleCount)), windowCount - 1, windowCount);
      const rows = mfcc(signal(sampleCount));
      expect(windows[259]).toBe(Math.fround(rows[(4 * (windowCount - 1) + 19) * 13 + 12]!));
    }
  });
});

describe('syncWindowCount', () => {
  it.each([
    [0, 0],
    [5, 3200],
    [100, 0],
    [5, 64_000],
  ])('is zero for %d frames with %d samples', (frames, samples) => {
    expect(syncWindowCount(frames, samples)).toBe(0);
  });
});
