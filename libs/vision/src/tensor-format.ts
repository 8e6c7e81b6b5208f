import type { BgrImage } from './image.js';

/** How the pixels of a picture lie in the input of a network, and which numbers stand for them. */
export interface TensorFormat {
  /** Distance of two neighbouring pixels of a row, in elements; rows follow each other without a gap. */
  readonly pixelStride: number;
  /** Distance of two channels of one pixel, in elements. */
  readonly channelStride: number;
  readonly channelOrder: 'bgr' | 'rgb';
  /** Element = byte * scale + offset. */
  readonly scale: number;
  readonly offset: number;
}

/** What numbers stand for the pixels: their order and range. */
export type PixelValues = Pick<TensorFormat, 'channelOrder' | 'scale' | 'offset'>;

/** Pictures with interleaved channels: shape (height, width, 3). */
export function nhwcFormat(values: PixelValues): TensorFormat {
  return { ...values, pixelStride: 3, channelStride: 1 };
}

/** Pictures with one plane a channel: shape (3, planeSize). */
export function nchwFormat(planeSize: number, values: PixelValues): TensorFormat {
  return { ...values, pixelStride: 1, channelStride: planeSize };
}

/**
 * Writes a picture as it is (no resize) into a tensor.
 * @param outOffset index of the element which gets the first channel of the first pixel
 */
export function writeTensor(
  image: BgrImage,
  format: TensorFormat,
  out: Float32Array,
  outOffset = 0,
): void {
  const { pixelStride, channelStride, scale, offset } = format;
  const { data } = image;
  const blueAt = format.channelOrder === 'bgr' ? 0 : 2 * channelStride;
  const redAt = 2 * channelStride - blueAt;
  const end = image.width * image.height * 3;
  for (let i = 0, to = outOffset; i < end; i += 3, to += pixelStride) {
    out[to + blueAt] = data[i]! * scale + offset;
    out[to + channelStride] = data[i + 1]! * scale + offset;
    out[to + redAt] = data[i + 2]! * scale + offset;
  }
}
