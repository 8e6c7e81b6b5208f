import type { Box } from '@avd/domain';
import { describe, expect, it } from 'vitest';
import type { BgrImage } from './image.js';
import { createBgrImage } from './image.js';
import { LinearResizer } from './linear-resizer.js';
import { createNoiseImage } from './png-fixture.js';
import { TensorCropper } from './tensor-cropper.js';
import { nchwFormat, nhwcFormat, writeTensor } from './tensor-format.js';

const plain = { channelOrder: 'bgr', scale: 1, offset: 0 } as const;
const wholeOf = (image: BgrImage): Box => ({
  left: 0,
  top: 0,
  right: image.width,
  bottom: image.height,
});

function crop(
  image: BgrImage,
  box: Box,
  width: number,
  height: number,
  padValue = 0,
): Float32Array {
  const out = new Float32Array(width * height * 3).fill(NaN);
  new TensorCropper({ width, height, padValue, format: nhwcFormat(plain) }).crop(image, box, out);
  return out;
}

describe('crop into a tensor', () => {
  it('agrees with the exact bilinear resize to within rounding', () => {
    const image = createNoiseImage(90, 61);
    for (const [width, height] of [
      [60, 40],
      [90, 61],
      [50, 55],
    ] as const) {
      const exact = new Uint8Array(width * height * 3);
      new LinearResizer(width, height).resize(image, exact);
      const actual = crop(image, wholeOf(image), width, height);
      expect(Math.max(...actual.map((value, i) => Math.abs(value - exact[i]!)))).toBeLessThan(1.01);
    }
  });

  it('averages two pixels a side, spread over the target pixel, when shrinking by 2 to 8', () => {
    const image = createNoiseImage(60, 45);
    const actual = crop(image, wholeOf(image), 20, 15);
    for (let y = 0; y < 15; y++) {
      for (let x = 0; x < 20; x++) {
        let sum = 0;
        for (const dy of [0, 2]) {
          for (const dx of [0, 2]) sum += image.data[((3 * y + dy) * 60 + 3 * x + dx) * 3 + 2]!;
        }
        expect(Math.abs(actual[(y * 20 + x) * 3 + 2]! - sum / 4)).toBeLessThan(0.3);
      }
    }
  });

  it('keeps the mean of a smooth picture when the shrinking factor is not whole', () => {
    const image = createBgrImage(97, 71);
    for (let i = 0; i < image.data.length; i++) {
      const pixel = Math.floor(i / 3);
      image.data[i] = (pixel % 97) + Math.floor(pixel / 97);
    }
    const actual = crop(image, wholeOf(image), 40, 30);
    const mean = (values: ArrayLike<number>): number =>
      Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean(actual) - mean(image.data))).toBeLessThan(0.3);
  });

  it('puts a picture shrunk a lot where it belongs', () => {
    const image = createBgrImage(250, 10);
    for (let i = 0; i < image.data.length; i++) image.data[i] = Math.floor(i / 3) % 250;
    for (const width of [80, 60, 37, 20]) {
      const step = 250 / width;
      const actual = crop(image, wholeOf(image), width, 2);
      for (let x = 0; x < width; x++) {
        // Pixel p has the value p, so that the mean over [x * step, (x + 1) * step) is known.
        expect(Math.abs(actual[x * 3]! - ((x + 0.5) * step - 0.5))).toBeLessThan(0.51);
      }
    }
  });

  it('shows the padding outside of the picture and nothing else of it', () => {
    const image = createBgrImage(60, 60);
    image.data.fill(200);
    for (const scale of [0.5, 1, 1.7, 3, 4.3]) {
      const side = 20 * scale;
      const box = { left: -side / 2, top: 5, right: side / 2, bottom: 5 + side / 4 };
      const row = crop(image, box, 20, 5, 110).subarray(0, 60);
      expect(row.subarray(0, 27).every((value) => Math.abs(value - 110) < 1e-3)).toBe(true);
      expect(row.subarray(33).every((value) => Math.abs(value - 200) < 1e-3)).toBe(true);
    }
    const far = crop(image, { left: 900, top: -800, right: 950, bottom: -790 }, 8, 8, 110);
    expect(far.every((value) => value === 110)).toBe(true);
  });

  it('writes the layout, channel order, range and place that are asked for', () => {
    const image = createNoiseImage(8, 6);
    const values = { channelOrder: 'rgb', scale: 1 / 127.5, offset: -1 } as const;
    const format = nchwFormat(48, values);
    const batch = new Float32Array(2 * 3 * 48).fill(7);
    new TensorCropper({ width: 8, height: 6, format }).crop(image, wholeOf(image), batch, 3 * 48);
    const expected = new Float32Array(2 * 3 * 48).fill(7);
    writeTensor(image, format, expected, 3 * 48);
    expect(batch).toEqual(expected);
    expect(batch[3 * 48]).toBeCloseTo(image.data[2]! / 127.5 - 1, 6);
    expect(batch[3 * 48 + 2 * 48 + 9]).toBeCloseTo(image.data[27]! / 127.5 - 1, 6);
  });

  it('gives the same numbers whatever it cropped before', () => {
    const image = createNoiseImage(50, 40);
    const box = { left: -3.3, top: 2.5, right: 31.7, bottom: 47.1 };
    const used = new TensorCropper({ width: 16, height: 16, format: nhwcFormat(plain) });
    const actual = new Float32Array(16 * 16 * 3);
    used.crop(createNoiseImage(300, 200, 5), { left: 0, top: 0, right: 300, bottom: 200 }, actual);
    used.crop(image, box, actual);
    expect(actual).toEqual(crop(image, box, 16, 16));
  });
});
