import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import type { S3Objects } from '../s3/s3-objects.js';
import { mediaNotFound } from './media-errors.js';
import type { MediaOrigin } from './media-origin.js';

/** An object of an S3 bucket. */
export function s3Origin(objects: S3Objects, key: string, shown: string): MediaOrigin {
  return {
    async open({ startByte, validator, unlessValidator }, signal) {
      if (unlessValidator !== undefined) {
        const info = await objects.head(key, signal);
        if (info?.etag === unlessValidator) return 'unchanged';
      }
      const isResume = startByte > 0 && validator !== undefined;
      const rest = isResume
        ? await objects.open(key, { startByte, ifMatchEtag: validator }, signal)
        : undefined;
      // Nothing when the object has changed since; then the whole of the new one.
      const body = rest ?? (await objects.open(key, {}, signal));
      if (body === undefined) throw mediaNotFound(shown);
      return {
        startByte: rest === undefined ? 0 : startByte,
        totalBytes: body.totalBytes,
        validator: body.etag,
        pieces: body.pieces,
      };
    },
  };
}

/** An uploaded medium in the blob store, which checks its bytes. */
export function blobOrigin(blobs: BlobStore, sha256: string, shown: string): MediaOrigin {
  async function* read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* blobs.open(sha256, signal);
    } catch (error) {
      const isMissing = error instanceof AvdError && error.reason === 'BLOB_NOT_FOUND';
      throw isMissing ? mediaNotFound(shown, error) : error;
    }
  }
  return {
    async open(_request, signal) {
      return { startByte: 0, totalBytes: undefined, validator: undefined, pieces: read(signal) };
    },
  };
}
