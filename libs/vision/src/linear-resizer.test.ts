import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { createBgrImage } from './image.js';
import { LinearResizer, resizeByFactor, scaledSize } from './linear-resizer.js';
import { createNoiseImage, readPngAsBgr } from './png-fixture.js';

interface ResizeCase {
  readonly name: string;
  readonly in: string;
  readonly out: string;
  readonly fx?: number;
  readonly dsize?: readonly [number, number];
}

describe.skipIf(!hasShared)('resizing like cv2.resize', () => {
  const golden = hasShared ? new GoldenCase('vision/resize') : undefined;
  const cases = golden?.values<{ cases: ResizeCase[] }>().cases ?? [];

  it.each(cases)('gives every byte of $name', ({ in: input, out, fx, dsize }) => {
    const source = readPngAsBgr(golden!.file(input));
    const expected = readPngAsBgr(golden!.file(out));
    let actual;
    if (fx !== undefined) {
      actual = resizeByFactor(source, fx);
    } else {
      actual = createBgrImage(dsize![0], dsize![1]);
      new LinearResizer(actual.width, actual.height).resize(source, actual.data);
    }
    expect([actual.width, actual.height]).toEqual([expected.width, expected.height]);
    expect(Buffer.compare(actual.data, expected.data)).toBe(0);
  });
});

describe('linear resizer', () => {
  it('copies a picture of the same size', () => {
    const image = createNoiseImage(31, 17);
    const out = new Uint8Array(image.data.length);
    new LinearResizer(31, 17).resize(image, out);
    expect(out).toEqual(image.data);
  });

  it('averages blocks of 2x2 when shrinking by exactly 2', () => {
    const image = createNoiseImage(40, 24);
    const half = resizeByFactor(image, 0.5);
    const at = (x: number, y: number): number => image.data[(y * 40 + x) * 3 + 1]!;
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 20; x++) {
        const sum =
          at(2 * x, 2 * y) + at(2 * x + 1, 2 * y) + at(2 * x, 2 * y + 1) + at(2 * x + 1, 2 * y + 1);
        expect(half.data[(y * 20 + x) * 3 + 1]).toBe((sum + 2) >> 2);
      }
    }
  });

  it('reads a region that reaches outside as if the picture had been padded first', () => {
    const image = createNoiseImage(50, 40);
    const pad = 30;
    const padded = createBgrImage(50 + 2 * pad, 40 + 2 * pad);
    padded.data.fill(110);
    for (let y = 0; y < 40; y++) {
      const row = image.data.subarray(y * 150, (y + 1) * 150);
      padded.data.set(row, ((y + pad) * padded.width + pad) * 3);
    }
    const resizer = new LinearResizer(37, 23);
    const actual = new Uint8Array(37 * 23 * 3);
    const expected = new Uint8Array(37 * 23 * 3);
    for (const [left, top, width, height] of [
      [-20, -10, 60, 61],
      [30, 20, 45, 30],
      [-30, 5, 110, 9],
      [-7, 38, 30, 30],
    ] as const) {
      const options = { padValue: 110, region: { left, top, width, height } };
      resizer.resize(image, actual, options);
      const region = { left: left + pad, top: top + pad, width, height };
      resizer.resize(padded, expected, { region });
      expect(Buffer.compare(actual, expected)).toBe(0);
    }
  });

  it('gives the same bytes whatever it resized before', () => {
    const image = createNoiseImage(90, 70);
    const used = new LinearResizer(33, 44);
    const actual = new Uint8Array(33 * 44 * 3);
    used.resize(createNoiseImage(300, 20, 7), actual);
    used.resize(image, actual);
    const fresh = new Uint8Array(actual.length);
    new LinearResizer(33, 44).resize(image, fresh);
    expect(actual).toEqual(fresh);
  });

  it('rounds halves of the scaled size to the even number and keeps at least one pixel', () => {
    expect(scaledSize(150, 90, 0.35)).toEqual({ width: 52, height: 32 - 1 });
    expect(scaledSize(5, 7, 0.5)).toEqual({ width: 2, height: 4 });
    expect(scaledSize(1, 1, 0.1)).toEqual({ width: 1, height: 1 });
  });
});
