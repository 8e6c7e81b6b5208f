import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

const READ_BYTES = 1 << 20;

/** SHA-256 of a file, hex; reads it piece by piece. Throws what reading throws. */
export async function sha256OfFile(filePath: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(filePath, { highWaterMark: READ_BYTES })) {
    hash.update(piece as Uint8Array);
  }
  return hash.digest('hex');
}

/** SHA-256 of bytes, hex. */
export function sha256Of(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
