import { readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import type { BgrImage } from './image.js';

/** Reads a png as BGR; for tests. */
export function readPngAsBgr(file: string): BgrImage {
  const { width, height, data: rgba } = PNG.sync.read(readFileSync(file));
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from + 2]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from]!;
  }
  return { width, height, data };
}

/** Picture whose bytes follow a fixed pseudo-random sequence; for tests. */
export function createNoiseImage(width: number, height: number, seed = 1): BgrImage {
  const data = new Uint8Array(width * height * 3);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = state >>> 24;
  }
  return { width, height, data };
}
