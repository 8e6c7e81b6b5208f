import { bytesToPointer, checkBlobAddress, pointerToBytes, shardedName } from '../blob-address.js';
import { blobNotFound } from '../blob-errors.js';
import type { OpenedBlobStore } from '../opened-blob-store.js';
import { spoolBytes, type SpoolOptions } from '../spooled-bytes.js';
import { joinBytes, verifiedBytes } from '../verified-bytes.js';
import { awsS3Objects } from './aws-s3-objects.js';
import type { S3BucketOptions, S3Objects } from './s3-objects.js';

export interface S3BlobStoreOptions extends S3BucketOptions, SpoolOptions {
  /** Put before every key, without slashes at its ends. @default none */
  readonly prefix?: string;
  /** Calls on the bucket. @default the AWS SDK */
  readonly client?: S3Objects;
}

/**
 * Blobs as objects `<prefix>/sha256/aa/<hex>` and pointers as objects `<prefix>/pointer/aa/<key>` of a bucket.
 * A stream is spooled first (in memory up to `memoryBytes`, else to a file in `spoolDir`), because its address is
 * known only at its end; large blobs go up in parts.
 *
 * @throws AvdError unavailable S3_UNAVAILABLE (network, 5xx, throttling), permissionDenied S3_ACCESS_DENIED or
 * S3_NO_CREDENTIALS, precondition S3_BUCKET_NOT_FOUND or S3_WRONG_REGION, resourceExhausted S3_FULL
 */
export function s3BlobStore(options: S3BlobStoreOptions): OpenedBlobStore {
  const objects = options.client ?? awsS3Objects(options);
  const prefix = options.prefix === undefined || options.prefix === '' ? '' : `${options.prefix}/`;
  const keyOf = (sha256: string): string => `${prefix}sha256/${shardedName(sha256)}`;
  const pointerKeyOf = (key: string): string => `${prefix}pointer/${shardedName(key)}`;

  async function* read(sha256: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    checkBlobAddress(sha256);
    const body = await objects.open(keyOf(sha256), {}, signal);
    if (body === undefined) throw blobNotFound(sha256);
    yield* verifiedBytes(sha256, body.pieces);
  }

  return {
    async put(source, mediaType, signal) {
      await using spooled = await spoolBytes(source, options, signal);
      const { sha256, sizeBytes, content } = spooled;
      const put = { contentType: mediaType, metadata: { sha256 } };
      if (content.kind === 'memory') {
        await objects.put(keyOf(sha256), content.bytes, put, signal);
      } else {
        const there = await objects.head(keyOf(sha256), signal);
        const isThere = there?.sizeBytes === sizeBytes && there.metadata['sha256'] === sha256;
        if (!isThere) await objects.putFile(keyOf(sha256), content.path, sizeBytes, put, signal);
      }
      return { sha256, sizeBytes, mediaType };
    },
    get(sha256, signal) {
      return joinBytes(read(sha256, signal));
    },
    open: read,
    async has(sha256, signal) {
      checkBlobAddress(sha256);
      return (await objects.head(keyOf(sha256), signal)) !== undefined;
    },
    async delete(sha256) {
      checkBlobAddress(sha256);
      await objects.delete(keyOf(sha256));
    },
    async getPointer(key, signal) {
      checkBlobAddress(key);
      const body = await objects.open(pointerKeyOf(key), {}, signal);
      return body === undefined ? undefined : bytesToPointer(await joinBytes(body.pieces));
    },
    async putPointer(key, ref, signal) {
      checkBlobAddress(key);
      const put = { contentType: 'application/json' };
      await objects.put(pointerKeyOf(key), pointerToBytes(ref), put, signal);
    },
    async [Symbol.asyncDispose]() {
      // A client given by the caller stays the caller's.
      if (options.client === undefined) await objects[Symbol.asyncDispose]();
    },
  };
}
