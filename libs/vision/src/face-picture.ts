import type { BgrImage, PixelRegion } from './image.js';
import { FACE_CROP_SIZE_PX } from './face-crop.js';
import { LinearResizer } from './linear-resizer.js';

/** Part of a 224x224 face crop which the face networks see: the face without shoulders and background. */
export const FACE_PICTURE_REGION: PixelRegion = { left: 32, top: 0, width: 160, height: 160 };

const PICTURES_PER_TRACK = 4;

/**
 * Frames of a track whose pictures stand for its face: int(k * frameCount / 5), k = 1..4, counted from the
 * start of the track. Equal to `FaceCluster.extract` of the reference.
 */
export function facePictureFrames(trackFrameCount: number): number[] {
  return Array.from({ length: PICTURES_PER_TRACK }, (_, k) =>
    Math.floor(((k + 1) * trackFrameCount) / (PICTURES_PER_TRACK + 1)),
  );
}

/** Turns 224x224 face crops into the 224x224 pictures of the face networks. */
export class FacePictureMaker {
  readonly #resizer = new LinearResizer(FACE_CROP_SIZE_PX, FACE_CROP_SIZE_PX);

  /** @param out receives 224 * 224 * 3 bytes, BGR */
  make(faceCrop: BgrImage, out: Uint8Array): void {
    this.#resizer.resize(faceCrop, out, { region: FACE_PICTURE_REGION });
  }
}
