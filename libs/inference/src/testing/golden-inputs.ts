import { readFileSync } from 'node:fs';
import type { Tensor } from '@avd/stage-kit';
import { PNG } from 'pngjs';

/** A png as input of a picture network: uint8 (1, height, width, 3), BGR. */
export function readPngTensor(file: string): Tensor {
  const { width, height, data: rgba } = PNG.sync.read(readFileSync(file));
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from + 2]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from]!;
  }
  return { data, dims: [1, height, width, 3] };
}

/** Samples of a 16-bit mono wav file, range [-1, 1). */
export function readWavSamples(file: string): Float32Array {
  const bytes = readFileSync(file);
  const start = bytes.indexOf('data', 12, 'latin1') + 8;
  const end = start + bytes.readUInt32LE(start - 4);
  const samples = new Int16Array(
    bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end),
  );
  return Float32Array.from(samples, (sample) => sample / 32768);
}
