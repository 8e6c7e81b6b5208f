import { readFileSync } from 'node:fs';
import path from 'node:path';
import { sharedDir } from '@avd/testing';

/** Samples of a 16-bit mono WAV file of the golden vectors, e.g. `audio/wav/a_16k.wav`. Only for tests. */
export function readGoldenWav(file: string): Int16Array {
  const bytes = readFileSync(path.join(sharedDir, 'golden', file));
  const start = bytes.indexOf('data', 12, 'latin1') + 8;
  const end = start + bytes.readUInt32LE(start - 4);
  return new Int16Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end));
}
