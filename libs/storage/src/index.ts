export { checkMediaUri } from './media/check-media-uri.js';
export { fileBlobStore } from './file-blob-store.js';
export * from './folder-store.js';
export { memoryBlobStore, type MemoryBlobStoreOptions } from './memory-blob-store.js';
export {
  type BlobStoreFactory,
  openBlobStore,
  type OpenBlobStoreOptions,
} from './open-blob-store.js';
export type { OpenedBlobStore } from './opened-blob-store.js';
export { awsS3Objects } from './s3/aws-s3-objects.js';
export { s3BlobStore, type S3BlobStoreOptions } from './s3/s3-blob-store.js';
export type {
  S3Body,
  S3BucketOptions,
  S3ObjectInfo,
  S3Objects,
  S3OpenOptions,
  S3PutOptions,
} from './s3/s3-objects.js';
export type { SpoolOptions } from './spooled-bytes.js';
export { tracedBlobStore } from './traced-blob-store.js';
export { type OutageToleranceOptions, withOutageTolerance } from './with-outage-tolerance.js';
export type { DownloadOptions, DownloadProgress } from './media/download-media.js';
export {
  type FetchedMedia,
  fetchMedia,
  type FetchMediaOptions,
  type MediaS3Options,
} from './media/fetch-media.js';
export type { HostAddress, HostPolicy } from './media/host-policy.js';
export type { HttpOriginOptions } from './media/http-origin.js';
export type { MediaReason } from './media/media-errors.js';
export { isPublicAddress } from './media/public-address.js';
