import type { Yuv } from './colours.js';
import type { Mask } from './text-mask.js';

// Pixels are indexed with `!`: every loop is cut to the picture first.

/** Planes Y, U, V of 8 bits, U and V at half the size; width and height are even. */
export interface YuvPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Fills a rectangle; its corner and size are rounded down to even numbers, so that colour and brightness end
 * together. What lies outside of the picture is cut off.
 *
 * @param cover 0 (nothing) to 256 (all of it)
 */
export function fillRect(
  { width, height, data }: YuvPicture,
  left: number,
  top: number,
  rectWidth: number,
  rectHeight: number,
  [y, u, v]: Yuv,
  cover = 256,
): void {
  const x0 = Math.max(0, evenDown(left));
  const y0 = Math.max(0, evenDown(top));
  const x1 = Math.min(width, evenDown(left) + evenDown(rectWidth));
  const y1 = Math.min(height, evenDown(top) + evenDown(rectHeight));
  if (x0 >= x1 || y0 >= y1) return;
  fillPlane(data, 0, width, x0, y0, x1, y1, y, cover);
  const [halfWidth, size] = [width / 2, width * height];
  fillPlane(data, size, halfWidth, x0 / 2, y0 / 2, x1 / 2, y1 / 2, u, cover);
  fillPlane(data, size * 1.25, halfWidth, x0 / 2, y0 / 2, x1 / 2, y1 / 2, v, cover);
}

function fillPlane(
  data: Uint8Array,
  offset: number,
  stride: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  value: number,
  cover: number,
): void {
  for (let row = y0; row < y1; row++) {
    const from = offset + row * stride;
    if (cover >= 256) {
      data.fill(value, from + x0, from + x1);
      continue;
    }
    const added = value * cover + 128;
    for (let at = from + x0; at < from + x1; at++)
      data[at] = (data[at]! * (256 - cover) + added) >> 8;
  }
}

function evenDown(value: number): number {
  return 2 * Math.floor(value / 2);
}

/** A frame of even thickness whose outer edge is the rectangle. */
export function strokeRect(
  picture: YuvPicture,
  left: number,
  top: number,
  width: number,
  height: number,
  thickness: number,
  colour: Yuv,
): void {
  const [x, y, w, h] = [left, top, width, height].map(evenDown) as [number, number, number, number];
  fillRect(picture, x, y, w, thickness, colour);
  fillRect(picture, x, y + h - thickness, w, thickness, colour);
  fillRect(picture, x, y + thickness, thickness, h - 2 * thickness, colour);
  fillRect(picture, x + w - thickness, y + thickness, thickness, h - 2 * thickness, colour);
}

/** Draws through a mask; its left and top are rounded down to even numbers. */
export function drawMask(
  { width, height, data }: YuvPicture,
  mask: Mask,
  left: number,
  top: number,
  [y, u, v]: Yuv,
): void {
  const x0 = evenDown(left);
  const y0 = evenDown(top);
  const size = width * height;
  for (let my = Math.max(0, -y0); my < Math.min(mask.height, height - y0); my++) {
    for (let mx = Math.max(0, -x0); mx < Math.min(mask.width, width - x0); mx++) {
      const cover = mask.data[my * mask.width + mx]!;
      if (cover === 0) continue;
      const at = (y0 + my) * width + x0 + mx;
      data[at] = mix(data[at]!, y, cover);
      // One of four pixels decides about the colour they share: text is thin and nearly without colour.
      if (((my | mx) & 1) !== 0) continue;
      const chroma = size + ((y0 + my) >> 1) * (width >> 1) + ((x0 + mx) >> 1);
      data[chroma] = mix(data[chroma]!, u, cover);
      data[chroma + size / 4] = mix(data[chroma + size / 4]!, v, cover);
    }
  }
}

function mix(below: number, above: number, cover: number): number {
  return Math.round(below + ((above - below) * cover) / 255);
}
