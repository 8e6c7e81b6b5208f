import type { BlobRef } from '@avd/stage-kit';
import { abortable } from './abortable.js';
import { checkBlobAddress, sha256Hex } from './blob-address.js';
import { blobDamaged, blobNotFound, throwIfCancelled } from './blob-errors.js';
import type { OpenedBlobStore } from './opened-blob-store.js';
import { joinBytes } from './verified-bytes.js';

export interface MemoryBlobStoreOptions {
  /** Where the bytes are kept, by address; for tests that look inside. @default a new map */
  readonly blobs?: Map<string, Uint8Array>;
}

/** Blobs in the memory of this process: for tests and for one process that keeps nothing. */
export function memoryBlobStore(options: MemoryBlobStoreOptions = {}): OpenedBlobStore {
  const blobs = options.blobs ?? new Map<string, Uint8Array>();
  const pointers = new Map<string, BlobRef>();
  const read = (sha256: string, signal?: AbortSignal): Uint8Array => {
    checkBlobAddress(sha256);
    throwIfCancelled(signal);
    const bytes = blobs.get(sha256);
    if (bytes === undefined) throw blobNotFound(sha256);
    if (sha256Hex(bytes) !== sha256) throw blobDamaged(sha256);
    return bytes.slice();
  };
  return {
    async put(source, mediaType, signal) {
      throwIfCancelled(signal);
      // Copied: the caller may go on using its buffers.
      const bytes =
        source instanceof Uint8Array ? source : await joinBytes(copies(abortable(source, signal)));
      const kept = Uint8Array.from(bytes);
      const sha256 = sha256Hex(kept);
      blobs.set(sha256, kept);
      return { sha256, sizeBytes: kept.length, mediaType };
    },
    async get(sha256, signal) {
      return read(sha256, signal);
    },
    async *open(sha256, signal) {
      yield read(sha256, signal);
    },
    async has(sha256, signal) {
      checkBlobAddress(sha256);
      throwIfCancelled(signal);
      return blobs.has(sha256);
    },
    async delete(sha256) {
      checkBlobAddress(sha256);
      blobs.delete(sha256);
    },
    async getPointer(key, signal) {
      checkBlobAddress(key);
      throwIfCancelled(signal);
      return pointers.get(key);
    },
    async putPointer(key, ref, signal) {
      checkBlobAddress(key);
      throwIfCancelled(signal);
      pointers.set(key, { ...ref });
    },
    async [Symbol.asyncDispose]() {
      // Nothing is held open.
    },
  };
}

async function* copies(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice();
}
