import { readFileSync } from 'node:fs';
import { GoldenCase, hasShared } from '@avd/testing';
import { PNG } from 'pngjs';
import { afterAll, describe, expect, it } from 'vitest';
import { never, TestMedia } from './testing/test-media.js';
import { WavReader } from './wav-reader.js';

const media = new TestMedia();
afterAll(() => media.remove());

/** Mean absolute difference of a BGR picture and an RGBA one. */
function meanDifference(bgr: Uint8Array, rgba: Uint8Array): number {
  let sum = 0;
  for (let i = 0, j = 0; i < bgr.length; i += 3, j += 4) {
    for (let c = 0; c < 3; c++) sum += Math.abs(bgr[i + c]! - rgba[j + 2 - c]!);
  }
  return sum / bgr.length;
}

/** Normalised correlation of `a`, `lag` samples later, with `b`. */
function correlation(a: Int16Array, b: Int16Array, lag: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 20_000; i < 100_000; i++) {
    ab += a[i + lag]! * b[i]!;
    aa += a[i + lag]! ** 2;
    bb += b[i]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

// The reference's pictures and sound went through MPEG-4, JPEG and MP3: they agree in content, not in bytes.
describe.skipIf(!hasShared)('the video of the golden end-to-end case', () => {
  it('shows the pictures of the reference, without the frame it repeats near the start', async () => {
    const golden = new GoldenCase('e2e');
    await using file = await media.open(golden.file('input.mp4'), { withSound: false });
    expect(file.info.video).toEqual({ width: 640, height: 360, frameCount: 274 });
    for (const [referenceIndex, frameIndex] of [
      [0, 0],
      [120, 119],
      [250, 249],
    ] as const) {
      const name = `frame_${String(referenceIndex).padStart(6, '0')}.png`;
      const picture = PNG.sync.read(readFileSync(golden.file(name)));
      const differences: number[] = [];
      const startFrame = Math.max(0, frameIndex - 2);
      const range = { startFrame, endFrame: frameIndex + 3 };
      for await (const { data } of file.frames(range, { signal: never })) {
        differences.push(meanDifference(data, picture.data));
      }
      expect(differences.indexOf(Math.min(...differences))).toBe(frameIndex - startFrame);
      expect(Math.min(...differences)).toBeLessThan(2.5);
    }
  });

  it('has the sound of the reference, without its delay of 25 ms', async () => {
    const golden = new GoldenCase('e2e');
    await using file = await media.open(golden.file('input.mp4'));
    await using reference = await WavReader.open(golden.file('audio.wav'));
    const [ours, theirs] = [await file.samples(0, 1e9), await reference.samples(0, 1e9)];
    const lags = Array.from({ length: 41 }, (_, i) => 381 + i);
    const values = lags.map((lag) => correlation(theirs, ours, lag));
    expect(lags[values.indexOf(Math.max(...values))]! / 16).toBeCloseTo(25, 0);
    expect(Math.max(...values)).toBeGreaterThan(0.995);
  });
});
