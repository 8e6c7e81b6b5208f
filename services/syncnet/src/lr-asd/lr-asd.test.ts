import { readFileSync } from 'node:fs';
import { MFCC_COUNT } from '@avd/dsp';
import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import type { BgrImage } from '@avd/vision';
import { readGoldenWav } from '../testing/golden-wav.js';
import { meanAsdScores, roundAsdScores, smoothAsdScores } from './combine-scores.js';
import { ASD_FACE_SIZE_PX, GreyFaceCropper, greyMiddle } from './grey-face-cropper.js';
import {
  ASD_PIECE_DURATIONS_SEC,
  asdFrameCount,
  asdMfcc,
  asdPieces,
  asdSampleRange,
} from './score-pieces.js';

function readPngAsBgr(file: string): BgrImage {
  const { width, height, data: rgba } = PNG.sync.read(readFileSync(file));
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data.set([rgba[from + 2]!, rgba[from + 1]!, rgba[from]!], to);
  }
  return { width, height, data };
}

describe.skipIf(!hasShared)('pictures for LR-ASD', () => {
  it.each([0, 75])('of frame %d are those of the original', (frame) => {
    const golden = new GoldenCase('networks/asd_inputs/crop_steps');
    const place =
      golden.values<Record<string, { half_size: number; center_x: number; center_y: number }>>()[
        `frame_${frame}`
      ]!;
    const grey = new Uint8Array(ASD_FACE_SIZE_PX ** 2);
    new GreyFaceCropper().crop(
      readPngAsBgr(golden.file(`frame_${frame}.png`)),
      { centreX: place.center_x, centreY: place.center_y, halfSize: place.half_size },
      grey,
    );
    const expected = golden.array(`grey112_${frame}`);
    const excess = excessOverTolerance(grey, expected.data as Uint8Array, expected.tolerance);
    expect(excess).toBeLessThanOrEqual(0);
  });

  it.each([0, 75])('turn the crop of frame %d grey exactly as OpenCV does', (frame) => {
    const golden = new GoldenCase('networks/asd_inputs/crop_steps');
    const grey = new Uint8Array(ASD_FACE_SIZE_PX ** 2 + 3);
    greyMiddle(golden.array(`crop224_${frame}`).data as Uint8Array, grey, 3);
    const expected = golden.array(`grey112_${frame}`).data as Uint8Array;
    expect(Buffer.compare(grey.subarray(3), expected)).toBe(0);
  });
});

describe.skipIf(!hasShared)('sound for LR-ASD', () => {
  const samples = hasShared
    ? readGoldenWav('networks/asd_inputs/clip_a/sound.wav')
    : new Int16Array(0);

  it('has the MFCC of the original, piece by piece', () => {
    const expected = new GoldenCase('networks/asd_inputs/clip_a').array('mfcc_own');
    const frameCount = asdFrameCount(150, samples.length);
    expect(frameCount).toBe(149);
    const rows = asdPieces(frameCount, 4).flatMap((piece) => {
      const { startSample, endSample } = asdSampleRange(piece, samples.length);
      const part = samples.slice(startSample, endSample);
      const block = { samples: part, startSample, signalSampleCount: samples.length };
      return [...asdMfcc(block, piece)];
    });
    const wanted = (expected.data as Float64Array).subarray(0, 596 * MFCC_COUNT);
    // float32, as the network takes them.
    const excess = excessOverTolerance(rows, wanted, { abs: 1e-5, rel: 1e-6 });
    expect(excess).toBeLessThanOrEqual(0);
  });

  it('ends with the shorter of picture and sound', () => {
    expect(asdFrameCount(100, samples.length)).toBe(100);
    expect(asdFrameCount(150, 0)).toBe(0);
  });
});

describe('pieces', () => {
  it('cover every frame once, in order, whatever their length', () => {
    fc.assert(
      fc.property(
        fc.nat(2000),
        fc.constantFrom(...ASD_PIECE_DURATIONS_SEC),
        (frameCount, durationSec) => {
          const frames = asdPieces(frameCount, durationSec).flatMap(({ startFrame, endFrame }) => {
            expect(endFrame - startFrame).toBeGreaterThan(0);
            expect(endFrame - startFrame).toBeLessThanOrEqual(durationSec * 25);
            return Array.from({ length: endFrame - startFrame }, (_, i) => startFrame + i);
          });
          expect(frames).toEqual(Array.from({ length: frameCount }, (_, i) => i));
        },
      ),
    );
  });
});

describe('combining scores', () => {
  const cases = ['clip_a', 'clip_b'].flatMap((clip) =>
    ['own', 'other', 'silence'].flatMap((sound) =>
      ['talkset', 'ava'].map((weights) => `${clip}_${sound}_${weights}`),
    ),
  );

  it.skipIf(!hasShared).each(cases)('gives the numbers of the original for %s', (name) => {
    const golden = new GoldenCase('networks/lr_asd/clips');
    const all = golden.array(`${name}_per_duration`);
    const [rows = 0, columns = 0] = all.shape;
    const scores = Array.from({ length: rows }, (_, row) =>
      (all.data as Float32Array).slice(row * columns, (row + 1) * columns),
    );
    const mean = meanAsdScores(scores);
    expect([...mean]).toEqual([...(golden.array(`${name}_mean`).data as Float32Array)]);
    const rounded = roundAsdScores(mean);
    expect(within(rounded, golden, `${name}_rounded`)).toBe(true);
    expect(within(smoothAsdScores(rounded, true), golden, `${name}_smoothed`)).toBe(true);
  });

  it('smooths to the last frame unless the numbers of the original are wanted', () => {
    const scores = Float32Array.of(1, 1, 1, 1, 6);
    expect([...smoothAsdScores(scores)]).toEqual([1, 1, 2, 2.25, 8 / 3]);
    expect([...smoothAsdScores(scores, true)]).toEqual([1, 1, 1, 1, 1]);
    expect([...smoothAsdScores(Float32Array.of(2))]).toEqual([2]);
  });
});

function within(actual: ArrayLike<number>, golden: GoldenCase, name: string): boolean {
  const { data, tolerance } = golden.array(name);
  return excessOverTolerance(actual, data as Float64Array, tolerance) <= 0;
}
