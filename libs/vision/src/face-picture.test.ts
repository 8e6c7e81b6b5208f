import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { facePictureFrames, FacePictureMaker } from './face-picture.js';
import { readPngAsBgr } from './png-fixture.js';

describe.skipIf(!hasShared)('face pictures of the reference', () => {
  it('are taken at the same frames of a track', () => {
    const values = new GoldenCase('facecluster/extract').values<{
      total_frames: number;
      frame_indices: number[];
      frame_indices_by_total: Record<string, number[]>;
    }>();
    expect(facePictureFrames(values.total_frames)).toEqual(values.frame_indices);
    for (const [total, frames] of Object.entries(values.frame_indices_by_total)) {
      expect(facePictureFrames(Number(total))).toEqual(frames);
    }
  });

  it('have the same bytes', () => {
    const golden = new GoldenCase('facecluster/extract');
    const maker = new FacePictureMaker();
    for (let k = 0; k < 4; k++) {
      const expected = readPngAsBgr(golden.file(`input_${k}.png`));
      const actual = new Uint8Array(expected.data.length);
      maker.make(readPngAsBgr(golden.file(`frame_${k}.png`)), actual);
      expect(Buffer.compare(actual, expected.data)).toBe(0);
    }
  });
});
