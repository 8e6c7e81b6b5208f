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
 * along an axis that shrinks by more than 2 an average of up to 4 pixels spread over the target pixel.
 *
 * Holds its scratch memory, so that a call allocates nothing. Weights are fixed point (11 bits), sums are not
 * rounded: within 0.3 of 255 of real arithmetic. For the exact numbers of OpenCV use LinearResizer.
 */
export class TensorCropper {
  readonly #options: TensorCropperOptions;
  readonly #columns: SamplingTaps;
  readonly #rows: SamplingTaps;
  /** One row of the picture, already mixed vertically. */
  #row = new Int32Array(0);

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
    if (this.#row.length < image.width * 3) this.#row = new Int32Array(image.width * 3);

    const rowStride = width * format.pixelStride;
    for (let y = 0; y < height; y++) {
      const padOfRow = rows.padWeight[y]! * padValue;
      mixRows(image, rows, y, columns.start * 3, columns.end * 3, this.#row);
      writeRow(this.#row, columns, padOfRow, padValue, format, out, outOffset + y * rowStride);
    }
  }
}

/** Mixes the source rows of target row y into elements [from, to) of `row`. */
function mixRows(
  { data, width }: BgrImage,
  { positions, weights, padWeight, tapCount }: SamplingTaps,
  y: number,
  from: number,
  to: number,
  row: Int32Array,
): void {
  if (padWeight[y] === TAP_WEIGHT_ONE) {
    row.fill(0, from, to);
    return;
  }
  const tap = y * MAX_TAPS;
  const stride = width * 3;
  const a = positions[tap]! * stride;
  const b = positions[tap + 1]! * stride;
  const aWeight = weights[tap]!;
  const bWeight = weights[tap + 1]!;
  if (tapCount === 2) {
    for (let i = from; i < to; i++) {
      row[i] = Math.imul(aWeight, data[a + i]!) + Math.imul(bWeight, data[b + i]!);
    }
    return;
  }
  const c = positions[tap + 2]! * stride;
  const d = positions[tap + 3]! * stride;
  const cWeight = weights[tap + 2]!;
  const dWeight = weights[tap + 3]!;
  for (let i = from; i < to; i++) {
    row[i] =
      Math.imul(aWeight, data[a + i]!) +
      Math.imul(bWeight, data[b + i]!) +
      Math.imul(cWeight, data[c + i]!) +
      Math.imul(dWeight, data[d + i]!);
  }
}

/** Mixes the columns of one row and writes the numbers of the tensor. */
function writeRow(
  row: Int32Array,
  { positions, weights, padWeight, tapCount }: SamplingTaps,
  padOfRow: number,
  padValue: number,
  format: TensorFormat,
  out: Float32Array,
  outOffset: number,
): void {
  const { pixelStride, channelStride, offset } = format;
  const scale = format.scale / (TAP_WEIGHT_ONE * TAP_WEIGHT_ONE);
  const blueAt = format.channelOrder === 'bgr' ? 0 : 2 * channelStride;
  const redAt = 2 * channelStride - blueAt;
  for (let x = 0, at = outOffset; x < padWeight.length; x++, at += pixelStride) {
    const share = padWeight[x]!;
    let blue = padOfRow * (TAP_WEIGHT_ONE - share) + padValue * TAP_WEIGHT_ONE * share;
    let green = blue;
    let red = blue;
    const first = x * MAX_TAPS;
    for (let tap = first; tap < first + tapCount; tap++) {
      const i = positions[tap]! * 3;
      const weight = weights[tap]!;
      blue = (blue + Math.imul(weight, row[i]!)) | 0;
      green = (green + Math.imul(weight, row[i + 1]!)) | 0;
      red = (red + Math.imul(weight, row[i + 2]!)) | 0;
    }
    out[at + blueAt] = blue * scale + offset;
    out[at + channelStride] = green * scale + offset;
    out[at + redAt] = red * scale + offset;
  }
}
