import type { Box } from '@avd/domain';
import type { BgrImage } from './image.js';
import { MAX_TAPS, SamplingTaps, TAP_WEIGHT_ONE } from './sampling-taps.js';
import type { TensorFormat } from './tensor-format.js';

// Arrays are indexed with `!`: the taps hold only positions inside of the picture.

export interface TensorCropperOptions {
  /** Size of the result in pixels. */
  readonly width: number;
  readonly height: number;
  readonly format: TensorFormat;
  /** Value of all channels outside of the picture, 0..255 (default 0). */
  readonly padValue?: number;
}

/**
 * Cuts a box out of a picture, resizes it and writes it into the input tensor of a network, in one go. Bilinear;
 * along an axis that shrinks by more than 2 an average of 2, by more than 8 of 4 pixels spread over the target pixel:
 * what a large face costs does not grow with its size.
 *
 * Holds its scratch memory, so that a call allocates nothing. Weights are fixed point (11 bits), sums are not
 * rounded: within 0.3 of 255 of real arithmetic. For the exact numbers of OpenCV use LinearResizer.
 */
export class TensorCropper {
  readonly #options: TensorCropperOptions;
  readonly #columns: SamplingTaps;
  readonly #rows: SamplingTaps;
  constructor(options: TensorCropperOptions) {
    this.#options = options;
    this.#columns = new SamplingTaps(options.width);
    this.#rows = new SamplingTaps(options.height);
  }

  /**
   * @param box part of the picture, in its pixels; need not be whole, may reach outside
   * @param outOffset index of the element which gets the first channel of the first pixel
   */
  crop(image: BgrImage, box: Box, out: Float32Array, outOffset = 0): void {
    const { width, height, format } = this.#options;
    const padValue = this.#options.padValue ?? 0;
    const columns = this.#columns;
    const rows = this.#rows;
    columns.fill(box.left, box.right - box.left, image.width);
    rows.fill(box.top, box.bottom - box.top, image.height);
    const rowStride = width * format.pixelStride;
    const writeRow = rows.tapCount === 2 && columns.tapCount === 2 ? mixTwoByTwo : mixTaps;
    for (let y = 0; y < height; y++) {
      writeRow(image, rows, y, columns, padValue, format, out, outOffset + y * rowStride);
    }
  }
}

/** One row of the target where every pixel is mixed from 2 x 2 pixels of the picture: the usual case, unrolled. */
function mixTwoByTwo(
  { data, width }: BgrImage,
  rows: SamplingTaps,
  y: number,
  columns: SamplingTaps,
  padValue: number,
  format: TensorFormat,
  out: Float32Array,
  outOffset: number,
): void {
  const { pixelStride, channelStride, offset } = format;
  const scale = format.scale / WEIGHT_OF_PIXEL;
  const blueAt = format.channelOrder === 'bgr' ? 0 : 2 * channelStride;
  const redAt = 2 * channelStride - blueAt;
  const { positions, weights, padWeight } = columns;
  const top = rows.positions[y * MAX_TAPS]! * width;
  const bottom = rows.positions[y * MAX_TAPS + 1]! * width;
  const topWeight = rows.weights[y * MAX_TAPS]!;
  const bottomWeight = rows.weights[y * MAX_TAPS + 1]!;
  const rowShare = TAP_WEIGHT_ONE - rows.padWeight[y]!;
  for (let x = 0, at = outOffset; x < padWeight.length; x++, at += pixelStride) {
    const left = positions[x * MAX_TAPS]!;
    const right = positions[x * MAX_TAPS + 1]!;
    const leftWeight = weights[x * MAX_TAPS]!;
    const rightWeight = weights[x * MAX_TAPS + 1]!;
    const a = (top + left) * 3;
    const b = (top + right) * 3;
    const c = (bottom + left) * 3;
    const d = (bottom + right) * 3;
    const aWeight = Math.imul(topWeight, leftWeight);
    const bWeight = Math.imul(topWeight, rightWeight);
    const cWeight = Math.imul(bottomWeight, leftWeight);
    const dWeight = Math.imul(bottomWeight, rightWeight);
    const padding = padValue * (WEIGHT_OF_PIXEL - rowShare * (TAP_WEIGHT_ONE - padWeight[x]!));
    const blue =
      Math.imul(aWeight, data[a]!) +
      Math.imul(bWeight, data[b]!) +
      Math.imul(cWeight, data[c]!) +
      Math.imul(dWeight, data[d]!);
    const green =
      Math.imul(aWeight, data[a + 1]!) +
      Math.imul(bWeight, data[b + 1]!) +
      Math.imul(cWeight, data[c + 1]!) +
      Math.imul(dWeight, data[d + 1]!);
    const red =
      Math.imul(aWeight, data[a + 2]!) +
      Math.imul(bWeight, data[b + 2]!) +
      Math.imul(cWeight, data[c + 2]!) +
      Math.imul(dWeight, data[d + 2]!);
    out[at + blueAt] = (blue + padding) * scale + offset;
    out[at + channelStride] = (green + padding) * scale + offset;
    out[at + redAt] = (red + padding) * scale + offset;
  }
}

/** One row of the target, any number of taps. */
function mixTaps(
  { data, width }: BgrImage,
  rows: SamplingTaps,
  y: number,
  columns: SamplingTaps,
  padValue: number,
  format: TensorFormat,
  out: Float32Array,
  outOffset: number,
): void {
  const { pixelStride, channelStride, offset } = format;
  const scale = format.scale / WEIGHT_OF_PIXEL;
  const blueAt = format.channelOrder === 'bgr' ? 0 : 2 * channelStride;
  const redAt = 2 * channelStride - blueAt;
  const rowShare = TAP_WEIGHT_ONE - rows.padWeight[y]!;
  for (let x = 0, at = outOffset; x < columns.padWeight.length; x++, at += pixelStride) {
    const padding =
      padValue * (WEIGHT_OF_PIXEL - rowShare * (TAP_WEIGHT_ONE - columns.padWeight[x]!));
    let blue = padding;
    let green = padding;
    let red = padding;
    for (let r = y * MAX_TAPS; r < y * MAX_TAPS + rows.tapCount; r++) {
      const row = rows.positions[r]! * width;
      for (let c = x * MAX_TAPS; c < x * MAX_TAPS + columns.tapCount; c++) {
        const i = (row + columns.positions[c]!) * 3;
        const weight = Math.imul(rows.weights[r]!, columns.weights[c]!);
        blue += weight * data[i]!;
        green += weight * data[i + 1]!;
        red += weight * data[i + 2]!;
      }
    }
    out[at + blueAt] = blue * scale + offset;
    out[at + channelStride] = green * scale + offset;
    out[at + redAt] = red * scale + offset;
  }
}

/** Weights of all taps of one pixel add up to this. */
const WEIGHT_OF_PIXEL = TAP_WEIGHT_ONE * TAP_WEIGHT_ONE;
