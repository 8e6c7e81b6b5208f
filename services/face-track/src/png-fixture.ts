import { readFileSync } from 'node:fs';
import type { BgrImage } from '@avd/vision';
import { PNG } from 'pngjs';

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
