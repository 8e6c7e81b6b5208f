import { FACE_CROP_SIZE_PX, FaceCropper, createBgrImage } from '@avd/vision';
import type { BgrImage, FacePlace } from '@avd/vision';

/** Side of the picture which LR-ASD looks at: the middle of a face crop. */
export const ASD_FACE_SIZE_PX = 112;

const MARGIN_PX = (FACE_CROP_SIZE_PX - ASD_FACE_SIZE_PX) / 2;
/** Weights of the colours in 1/32768. */
const BLUE = 3735;
const GREEN = 19235;
const RED = 9798;
const GREY_BITS = 15;
const HALF = 1 << (GREY_BITS - 1);

/** Cuts faces out of frames as 112x112 grey pictures; one for each place that crops, as it holds scratch memory. */
export class GreyFaceCropper {
  readonly #cropper = new FaceCropper();
  readonly #crop = createBgrImage(FACE_CROP_SIZE_PX, FACE_CROP_SIZE_PX);

  /**
   * Equal to the pictures which LR-ASD's Columbia_test.py makes of a frame (`crop_video`, then grey, then the
   * middle), without its lossy video file in between; tolerance 1.
   * @param out receives 112 * 112 bytes from `outOffset` on
   */
  crop(frame: BgrImage, place: FacePlace, out: Uint8Array, outOffset = 0): void {
    this.#cropper.crop(frame, place, this.#crop.data);
    greyMiddle(this.#crop.data, out, outOffset);
  }
}

/**
 * Middle 112x112 pixels of a 224x224 BGR face crop in grey. Equal to cv2.cvtColor(COLOR_BGR2GRAY), bit for bit.
 * @param crop 224 * 224 * 3 bytes, BGR
 * @param out receives 112 * 112 bytes from `outOffset` on
 */
export function greyMiddle(crop: Uint8Array, out: Uint8Array, outOffset = 0): void {
  let to = outOffset;
  for (let row = MARGIN_PX; row < MARGIN_PX + ASD_FACE_SIZE_PX; row++) {
    let from = (row * FACE_CROP_SIZE_PX + MARGIN_PX) * 3;
    for (const end = from + ASD_FACE_SIZE_PX * 3; from < end; from += 3) {
      // Within the crop: its size is fixed.
      const sum = crop[from]! * BLUE + crop[from + 1]! * GREEN + crop[from + 2]! * RED;
      out[to++] = (sum + HALF) >> GREY_BITS;
    }
  }
}
