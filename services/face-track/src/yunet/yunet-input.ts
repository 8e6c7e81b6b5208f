import type { Tensor } from '@avd/stage-kit';
import { LinearResizer, createBgrImage, scaledSize } from '@avd/vision';
import type { BgrImage } from '@avd/vision';
import { YUNET_SIZE_STEP_PX } from './decode-yunet.js';

/** The network finds faces of about 10 to 300 pixels: larger frames are made smaller first. */
const MAX_SIDE_PX = 640;

/**
 * Input tensor of YuNet for frames of one size: float32 (1, 3, height, width), B, G, R, 0..255, zeros below and to the
 * right up to multiples of 32.
 */
export class YunetInput {
  /** Size of the input, with the zeros. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Pixels of the input for each pixel of the frame. */
  readonly factor: number;
  readonly #frameWidth: number;
  readonly #frameHeight: number;
  readonly #resizer: LinearResizer;
  readonly #resized: BgrImage;
  readonly #data: Float32Array;

  constructor({ width, height }: { readonly width: number; readonly height: number }) {
    this.#frameWidth = width;
    this.#frameHeight = height;
    this.factor = Math.min(1, MAX_SIDE_PX / Math.max(width, height));
    const scaled = scaledSize(width, height, this.factor);
    this.widthPx = roundUp(scaled.width);
    this.heightPx = roundUp(scaled.height);
    this.#resizer = new LinearResizer(scaled.width, scaled.height);
    this.#resized = createBgrImage(scaled.width, scaled.height);
    this.#data = new Float32Array(3 * this.widthPx * this.heightPx);
  }

  isFor(frame: BgrImage): boolean {
    return frame.width === this.#frameWidth && frame.height === this.#frameHeight;
  }

  /** @returns a tensor that is valid until the next call */
  fill(frame: BgrImage): Tensor {
    const picture = this.factor === 1 ? frame : this.#resize(frame);
    const { width, height, data } = picture;
    const planeSize = this.widthPx * this.heightPx;
    const out = this.#data;
    for (let y = 0, from = 0; y < height; y++) {
      const end = y * this.widthPx + width;
      for (let to = y * this.widthPx; to < end; to++, from += 3) {
        out[to] = data[from]!;
        out[planeSize + to] = data[from + 1]!;
        out[2 * planeSize + to] = data[from + 2]!;
      }
    }
    return { data: out, dims: [1, 3, this.heightPx, this.widthPx] };
  }

  #resize(frame: BgrImage): BgrImage {
    const step = 1 / this.factor;
    this.#resizer.resize(frame, this.#resized.data, { stepX: step, stepY: step });
    return this.#resized;
  }
}

function roundUp(sidePx: number): number {
  return Math.ceil(sidePx / YUNET_SIZE_STEP_PX) * YUNET_SIZE_STEP_PX;
}
