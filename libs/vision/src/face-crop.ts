import type { BgrImage, PixelRegion } from './image.js';
import { LinearResizer } from './linear-resizer.js';

/** Share of the half size added around the box (`crop_scale` of the reference). */
const CROP_SCALE = 0.4;
/** Grey put outside of the picture. */
export const FACE_CROP_PAD_VALUE = 110;
/** Side of a face crop in pixels. */
export const FACE_CROP_SIZE_PX = 224;

/** Where a face is in one frame: smoothed centre and half size, in pixels of the frame. */
export interface FacePlace {
  readonly centreX: number;
  readonly centreY: number;
  readonly halfSize: number;
}

/**
 * Pixels of the frame (and of the padding around it) which make up the crop of a face: from y - s to y + 1.8 s
 * and from x - 1.4 s to x + 1.4 s.
 *
 * Equal to `crop_video` of the reference, which pads the frame by int(1.8 s) and cuts there, with its
 * truncation of every limit. Where the reference fails, because a face far outside of the frame leaves an empty
 * cut, the padding is taken to go on for ever; the region is never empty.
 */
export function faceCropRegion(
  { centreX, centreY, halfSize }: FacePlace,
  frameWidth: number,
  frameHeight: number,
): PixelRegion {
  const pad = Math.trunc(halfSize * (1 + 2 * CROP_SCALE));
  const rows = cropLimits(
    centreY + pad - halfSize,
    centreY + pad + halfSize * (1 + 2 * CROP_SCALE),
    frameHeight + 2 * pad,
  );
  const columns = cropLimits(
    centreX + pad - halfSize * (1 + CROP_SCALE),
    centreX + pad + halfSize * (1 + CROP_SCALE),
    frameWidth + 2 * pad,
  );
  return {
    left: columns.start - pad,
    top: rows.start - pad,
    width: columns.end - columns.start,
    height: rows.end - rows.start,
  };
}

function cropLimits(
  start: number,
  end: number,
  paddedSize: number,
): { start: number; end: number } {
  const from = Math.trunc(start);
  const to = Math.trunc(end);
  const cut = Math.min(to, paddedSize);
  if (from >= 0 && cut > from) return { start: from, end: cut };
  return { start: from, end: Math.max(to, from + 1) };
}

/** Cuts faces out of frames as 224x224 BGR pictures; one for each place that crops, as it holds scratch memory. */
export class FaceCropper {
  readonly #resizer = new LinearResizer(FACE_CROP_SIZE_PX, FACE_CROP_SIZE_PX);

  /**
   * Equal to the pictures which `crop_video` of the reference hands to its video encoder, bit for bit.
   * @param out receives 224 * 224 * 3 bytes, BGR
   */
  crop(frame: BgrImage, place: FacePlace, out: Uint8Array): void {
    this.#resizer.resize(frame, out, {
      region: faceCropRegion(place, frame.width, frame.height),
      padValue: FACE_CROP_PAD_VALUE,
    });
  }
}
