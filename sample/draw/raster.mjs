/**
 * A small picture maker: an RGB float image, painted by functions that say the colour and cover of each point.
 * Colours are 0..1 in display (gamma) space; nothing here is random, so the same calls give the same picture.
 */

/** @returns an image `{ width, height, data }`, data being width * height * 3 floats. */
export function createImage(width, height) {
  return { width, height, data: new Float32Array(width * height * 3) };
}

/** A colour as `[r, g, b]` in 0..1 from '#rrggbb'. */
export function hex(text) {
  const value = parseInt(text.slice(1), 16);
  return [(value >> 16) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export const clamp01 = (x) => (x < 0 ? 0 : x > 1 ? 1 : x);
export const mix = (a, b, t) => a + (b - a) * t;

/** 0 below `edge0`, 1 above `edge1`, smooth between (also with edge0 > edge1). */
export function smoothstep(edge0, edge1, x) {
  const t = clamp01((x - edge0) / (edge1 - edge0));
  return t * t * (3 - 2 * t);
}

/** Repeatable random numbers in [0, 1) (mulberry32). */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const LATTICE = 256;
const lattice = Float32Array.from({ length: LATTICE * LATTICE }, createRandom(20));

/** Smooth value noise in [0, 1], one feature per unit of x and y. */
export function noise(x, y) {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  let fx = x - x0;
  let fy = y - y0;
  fx = fx * fx * (3 - 2 * fx);
  fy = fy * fy * (3 - 2 * fy);
  const left = x0 & 255;
  const right = (x0 + 1) & 255;
  const top = (y0 & 255) * LATTICE;
  const bottom = ((y0 + 1) & 255) * LATTICE;
  return mix(
    mix(lattice[top + left], lattice[top + right], fx),
    mix(lattice[bottom + left], lattice[bottom + right], fx),
    fy,
  );
}

/** Four octaves of noise, in [0, 1]. */
export function fractalNoise(x, y) {
  return (
    noise(x, y) * 0.533 +
    noise(x * 2.03 + 17, y * 2.03 + 5) * 0.267 +
    noise(x * 4.1 + 3, y * 4.1 + 29) * 0.133 +
    noise(x * 8.3 + 11, y * 8.3 + 7) * 0.067
  );
}

/** Mixes `colour` into the colour `out` by `cover`, 0..1. */
export function blend(out, colour, cover) {
  if (cover <= 0) return;
  out[0] += (colour[0] - out[0]) * cover;
  out[1] += (colour[1] - out[1]) * cover;
  out[2] += (colour[2] - out[2]) * cover;
}

/**
 * Paints the rectangle [left, right) x [top, bottom) (clipped to the image). `shade(x, y, out)` is called with
 * the pixel's centre and sets out[0..2] to the colour and out[3] to the cover, 0..1.
 */
export function paint(image, left, top, right, bottom, shade) {
  const { width, height, data } = image;
  const x0 = Math.max(0, Math.floor(left));
  const y0 = Math.max(0, Math.floor(top));
  const x1 = Math.min(width, Math.ceil(right));
  const y1 = Math.min(height, Math.ceil(bottom));
  const out = [0, 0, 0, 0];
  for (let y = y0; y < y1; y++) {
    let at = (y * width + x0) * 3;
    for (let x = x0; x < x1; x++, at += 3) {
      shade(x + 0.5, y + 0.5, out);
      const cover = out[3];
      if (cover <= 0) continue;
      data[at] += (out[0] - data[at]) * cover;
      data[at + 1] += (out[1] - data[at + 1]) * cover;
      data[at + 2] += (out[2] - data[at + 2]) * cover;
    }
  }
}

/** Paints the whole image. */
export function paintAll(image, shade) {
  paint(image, 0, 0, image.width, image.height, shade);
}

/** Blurs in place: three box blurs of `radius` pixels, close to a Gaussian. */
export function blur(image, radius) {
  const { width, height, data } = image;
  const line = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < 3; pass++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < height; y++) {
        blurLine(data, y * width * 3 + channel, 3, width, radius, line);
      }
      for (let x = 0; x < width; x++) {
        blurLine(data, x * 3 + channel, width * 3, height, radius, line);
      }
    }
  }
}

function blurLine(data, start, step, count, radius, line) {
  for (let i = 0; i < count; i++) line[i] = data[start + i * step];
  const span = 2 * radius + 1;
  let sum = 0;
  for (let i = -radius; i <= radius; i++) sum += line[Math.min(count - 1, Math.max(0, i))];
  for (let i = 0; i < count; i++) {
    data[start + i * step] = sum / span;
    sum += line[Math.min(count - 1, i + radius + 1)] - line[Math.max(0, i - radius)];
  }
}

/** Bytes r, g, b of the image; `grain` (one value per pixel, 0..1) breaks up the steps of soft gradients. */
export function toBytes(image, grain, bytes) {
  const { data } = image;
  for (let pixel = 0, at = 0; at < data.length; pixel++) {
    const dither = grain[pixel];
    for (let channel = 0; channel < 3; channel++, at++) {
      const value = data[at] * 255 + dither;
      bytes[at] = value < 0 ? 0 : value > 255 ? 255 : value;
    }
  }
}
