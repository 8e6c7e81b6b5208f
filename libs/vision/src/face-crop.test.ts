import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaceCropper, faceCropRegion, FACE_CROP_SIZE_PX } from './face-crop.js';
import { createNoiseImage, readPngAsBgr } from './png-fixture.js';

const CROP_BYTES = FACE_CROP_SIZE_PX * FACE_CROP_SIZE_PX * 3;

describe.skipIf(!hasShared)('face crops of the reference', () => {
  const golden = hasShared ? new GoldenCase('vision/crop_video') : undefined;
  const tracks = golden?.values<{
    tracks: Record<string, { first_frame: number; n: number; crops_saved: number[] }>;
  }>().tracks;
  const sources = hasShared
    ? [0, 1, 2, 3].map((k) => readPngAsBgr(golden!.file(`source_${k}.png`)))
    : [];
  const placeAt =
    (name: string) =>
    (t: number): { halfSize: number; centreX: number; centreY: number } => ({
      halfSize: Number(golden!.array(`${name}_s`).data[t]),
      centreX: Number(golden!.array(`${name}_x`).data[t]),
      centreY: Number(golden!.array(`${name}_y`).data[t]),
    });

  it.each(Object.keys(tracks ?? {}))('are cut at the same pixels: %s', (name) => {
    const geometry = golden!.array(`${name}_geometry`).data;
    const { width, height } = sources[0]!;
    for (let t = 0; t < tracks![name]!.n; t++) {
      const [pad, top, bottom, left, right] = Array.from({ length: 5 }, (_, k) =>
        Number(geometry[t * 5 + k]),
      );
      const region = faceCropRegion(placeAt(name)(t), width, height);
      expect(region).toEqual({
        left: left! - pad!,
        top: top! - pad!,
        width: Math.min(right!, width + 2 * pad!) - left!,
        height: Math.min(bottom!, height + 2 * pad!) - top!,
      });
    }
  });

  it.each(Object.keys(tracks ?? {}))('have the same bytes: %s', (name) => {
    const cropper = new FaceCropper();
    const out = new Uint8Array(CROP_BYTES);
    for (const t of tracks![name]!.crops_saved) {
      const saved = readPngAsBgr(golden!.file(`${name}_crop_${String(t).padStart(2, '0')}.png`));
      cropper.crop(sources[(tracks![name]!.first_frame + t) % 4]!, placeAt(name)(t), out);
      expect(Buffer.compare(out, saved.data)).toBe(0);
    }
  });
});

describe('face crop', () => {
  it('of a face far outside of the picture is cut out of the padding instead of failing', () => {
    const frame = createNoiseImage(320, 180);
    const out = new Uint8Array(CROP_BYTES);
    new FaceCropper().crop(frame, { centreX: -40, centreY: 60, halfSize: 40 }, out);
    // The left part is outside of the frame, the right part is not.
    expect([...out.subarray(0, 3)]).toEqual([110, 110, 110]);
    expect(out.some((value) => value !== 110)).toBe(true);
    new FaceCropper().crop(frame, { centreX: 160, centreY: -600, halfSize: 40 }, out);
    expect(out.every((value) => value === 110)).toBe(true);
  });

  it('is never empty, wherever the face is', () => {
    const coordinate = fc.double({ min: -5000, max: 5000, noNaN: true });
    const halfSize = fc.double({ min: 0, max: 3000, noNaN: true });
    fc.assert(
      fc.property(coordinate, coordinate, halfSize, (centreX, centreY, half) => {
        const region = faceCropRegion({ centreX, centreY, halfSize: half }, 640, 360);
        expect(region.width).toBeGreaterThan(0);
        expect(region.height).toBeGreaterThan(0);
        expect(Object.values(region).every(Number.isInteger)).toBe(true);
      }),
    );
  });
});
