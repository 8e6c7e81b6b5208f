import type { BlobStore } from '@avd/stage-kit';
import type { UploadPart } from './upload-record.js';

const PART_TYPE = 'application/octet-stream';

/**
 * The pieces of one upload as blobs. Each begins with the upload's own id, so that no other upload of the same bytes
 * and no finished file has the same blob: it can be deleted without asking.
 */
export class UploadParts {
  readonly #blobs: BlobStore;
  readonly #head: Buffer;

  constructor(blobs: BlobStore, requestId: string) {
    this.#blobs = blobs;
    this.#head = Buffer.from(`part of ${requestId}\n`);
  }

  async write(bytes: Uint8Array, signal?: AbortSignal): Promise<UploadPart> {
    const content = Buffer.concat([this.#head, bytes]);
    const { sha256 } = await this.#blobs.put(content, PART_TYPE, signal);
    return { blobSha256: sha256, sizeBytes: bytes.length };
  }

  async read({ blobSha256 }: UploadPart, signal?: AbortSignal): Promise<Uint8Array> {
    return (await this.#blobs.get(blobSha256, signal)).subarray(this.#head.length);
  }

  /** The bytes of the file, one part at a time in memory. */
  async *readAll(
    parts: readonly UploadPart[],
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for (const part of parts) yield this.read(part, signal);
  }

  async delete(parts: readonly UploadPart[]): Promise<void> {
    for (const { blobSha256 } of parts) await this.#blobs.delete(blobSha256);
  }
}
