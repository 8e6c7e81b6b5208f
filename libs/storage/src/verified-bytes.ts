import { createHash } from 'node:crypto';
import { blobDamaged } from './blob-errors.js';

/**
 * The same pieces; after the last one throws when they do not match the address.
 *
 * @throws AvdError unavailable BLOB_DAMAGED
 */
export async function* verifiedBytes(
  sha256: string,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const piece of pieces) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest('hex') !== sha256) throw blobDamaged(sha256);
}

/** All pieces as one array. */
export async function joinBytes(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  for await (const piece of pieces) list.push(piece);
  return list.length === 1 ? list[0]! : Buffer.concat(list);
}
