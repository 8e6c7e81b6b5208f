import path from 'node:path';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import { throwIfCancelled } from '../blob-errors.js';
import { withKeyedLock } from '../keyed-lock.js';
import { awsS3Objects } from '../s3/aws-s3-objects.js';
import type { S3BucketOptions, S3Objects } from '../s3/s3-objects.js';
import { downloadMedia, type DownloadOptions } from './download-media.js';
import { checkHost } from './host-policy.js';
import { httpOrigin, type HttpOriginOptions } from './http-origin.js';
import { localMedia } from './local-media.js';
import { type HeldFile, mediaCache, type MediaCache } from './media-cache.js';
import { mediaError, shownUri } from './media-errors.js';
import type { MediaOrigin } from './media-origin.js';
import { blobOrigin, s3Origin } from './stored-origins.js';

export interface FetchMediaOptions extends HttpOriginOptions, DownloadOptions {
  /** Folders whose files `file://` may name. @default none */
  readonly allowedRoots?: readonly string[];
  /** Downloads are kept in `<workDir>/media`, which processes may share. */
  readonly workDir: string;
  /** Uploaded media, for `blob:sha256/<hex>`. */
  readonly blobs?: BlobStore;
  /** For `s3://bucket/key`. @default no bucket */
  readonly s3?: MediaS3Options;
  /** Digest the medium must have; a download already there is then used without asking its source. */
  readonly sha256?: string;
  /** Downloads longest unused are removed beyond this, but none that this process holds. @default no limit */
  readonly maxCacheBytes?: number;
  readonly signal?: AbortSignal;
}

export interface MediaS3Options extends Omit<S3BucketOptions, 'bucket'> {
  /** Buckets that media may come from. */
  readonly allowedBuckets: readonly string[];
  /** @default the AWS SDK, opened for one fetch */
  readonly openBucket?: (bucket: string) => S3Objects;
}

/** A medium as a local file. Dispose of it after use: until then this process does not remove the file. */
export interface FetchedMedia extends AsyncDisposable {
  readonly path: string;
  /** Of its bytes, 64 lower-case hex digits; equal to `contentDigest` of libs/media. */
  readonly sha256: string;
  /** A short name for people. */
  readonly displayName: string;
}

/**
 * A local file for a media URI: `file:///folder/file` in an allowed folder, `blob:sha256/<hex>`,
 * `s3://bucket/key` of an allowed bucket, `https://…` or `http://…` on an allowed host with a public address.
 *
 * @throws AvdError invalidInput MEDIA_URI_INVALID, MEDIA_REDIRECT_INVALID, MEDIA_REFUSED, MEDIA_TOO_LARGE;
 * permissionDenied MEDIA_URI_NOT_ALLOWED, MEDIA_HOST_NOT_ALLOWED, MEDIA_ADDRESS_NOT_ALLOWED, MEDIA_ACCESS_DENIED;
 * notFound MEDIA_NOT_FOUND, MEDIA_HOST_NOT_FOUND; precondition MEDIA_CHANGED; unavailable MEDIA_UNAVAILABLE;
 * those of the blob store, of S3 and of the disk; cancelled
 */
export async function fetchMedia(uri: string, options: FetchMediaOptions): Promise<FetchedMedia> {
  const signal = options.signal ?? new AbortController().signal;
  throwIfCancelled(signal);
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol === 'file:') {
    const medium = await localMedia(url, options.allowedRoots ?? [], signal);
    checkDigest(uri, medium.sha256, options.sha256);
    return { ...medium, displayName: path.basename(medium.path), [Symbol.asyncDispose]: noop };
  }
  if (url === undefined) throw invalidUri(uri);
  const source = openSource(uri, url, options);
  try {
    const cache = mediaCache(path.resolve(options.workDir, 'media'));
    const lockName = `${path.resolve(options.workDir)}\n${uri}`;
    const { file, sha256 } = await withKeyedLock(lockName, signal, () =>
      fetchOnce(uri, source, cache, options, signal),
    );
    return {
      path: file.path,
      sha256,
      displayName: source.displayName,
      [Symbol.asyncDispose]: async () => file.release(),
    };
  } finally {
    await source.close?.();
  }
}

interface Source {
  readonly origin: MediaOrigin;
  /** The URI as it may be shown. */
  readonly shown: string;
  readonly displayName: string;
  readonly sha256?: string;
  readonly close?: () => Promise<void>;
}

async function fetchOnce(
  uri: string,
  source: Source,
  cache: MediaCache,
  options: FetchMediaOptions,
  signal: AbortSignal,
): Promise<{ file: HeldFile; sha256: string }> {
  const wanted = source.sha256 ?? options.sha256;
  checkDigest(source.shown, wanted, options.sha256);
  const there = wanted === undefined ? undefined : await cache.take(wanted);
  if (wanted !== undefined && there !== undefined) return { file: there, sha256: wanted };

  const known = await cache.known(uri);
  const old = known === undefined ? undefined : await cache.take(known.sha256);
  const partial = await cache.begin(uri);
  const state = { doneBytes: partial.sizeBytes, validator: partial.validator };
  try {
    const unlessValidator = old === undefined ? undefined : known?.validator;
    const outcome = await downloadMedia(
      source.origin,
      source.shown,
      partial.path,
      state,
      unlessValidator,
      options,
      signal,
    );
    if (outcome === 'unchanged') {
      checkDigest(source.shown, known!.sha256, options.sha256);
      state.doneBytes = 0;
      return { file: old!, sha256: known!.sha256 };
    }
    const { sha256 } = outcome;
    checkDigest(source.shown, sha256, wanted);
    const file = await cache.add(partial.path, sha256);
    old?.release();
    await keepHouse(uri, sha256, state.validator, cache, options);
    return { file, sha256 };
  } catch (error) {
    old?.release();
    const failure = AvdError.from(error);
    // Put aside only what may be gone on with, and nothing on a full disk.
    if (failure.kind !== 'unavailable' && failure.kind !== 'cancelled') state.doneBytes = 0;
    throw failure;
  } finally {
    const { doneBytes: sizeBytes, validator } = state;
    await cache.putAside(uri, { path: partial.path, sizeBytes, validator });
  }
}

/** The medium is there: what fails here only makes the next fetch slower. */
async function keepHouse(
  uri: string,
  sha256: string,
  validator: string | undefined,
  cache: MediaCache,
  options: FetchMediaOptions,
): Promise<void> {
  try {
    if (validator !== undefined) await cache.remember(uri, { sha256, validator });
    await cache.trim(options.maxCacheBytes);
  } catch {
    // Tried again by the next fetch.
  }
}

function openSource(uri: string, url: URL, options: FetchMediaOptions): Source {
  if (url.protocol === 'https:' || url.protocol === 'http:') {
    checkHost(url, options);
    const shown = shownUri(url);
    return { origin: httpOrigin(url, options), shown, displayName: nameOf(url) };
  }
  if (url.protocol === 's3:') return openS3(url, options);
  if (url.protocol === 'blob:') {
    const sha256 = /^blob:sha256\/([0-9a-f]{64})$/.exec(uri)?.[1];
    if (sha256 === undefined) throw invalidUri(uri);
    if (options.blobs === undefined) throw notAllowed('Uploaded media cannot be read here.');
    const origin = blobOrigin(options.blobs, sha256, uri);
    return { origin, shown: uri, displayName: sha256.slice(0, 12), sha256 };
  }
  throw invalidUri(uri);
}

function openS3(url: URL, options: FetchMediaOptions): Source {
  const bucket = url.hostname;
  const key = decoded(url.pathname.slice(1));
  if (bucket === '' || key === undefined || key === '') throw invalidUri(url.href);
  const { allowedBuckets = [], openBucket, ...bucketOptions } = options.s3 ?? {};
  if (!allowedBuckets.includes(bucket)) {
    throw notAllowed(
      `Media may not be read from bucket "${bucket}"; ask the operator to allow it.`,
    );
  }
  const objects = openBucket?.(bucket) ?? awsS3Objects({ ...bucketOptions, bucket });
  const origin = s3Origin(objects, key, url.href);
  return {
    origin,
    shown: url.href,
    displayName: nameOf(url),
    close: async () => objects[Symbol.asyncDispose](),
  };
}

/** Last part of the path without what a terminal or a file system could trip over. */
function nameOf(url: URL): string {
  const last = url.pathname.split('/').at(-1) ?? '';
  const clean = (decoded(last) ?? last).replace(/[\p{Cc}\p{Cf}/\\]/gu, '').slice(0, 200);
  return clean === '' || clean === '.' || clean === '..' ? url.hostname : clean;
}

/** @returns undefined when its % signs are no encoding */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function checkDigest(shown: string, sha256: string | undefined, wanted: string | undefined): void {
  if (wanted === undefined || sha256 === undefined || sha256 === wanted) return;
  const message = `The medium at ${shown} is not the one the job began with; start a new job.`;
  throw mediaError('MEDIA_CHANGED', message);
}

function notAllowed(message: string): AvdError {
  return mediaError('MEDIA_URI_NOT_ALLOWED', message);
}

function invalidUri(uri: string): AvdError {
  const message = `"${uri.split('?')[0]!.slice(0, 200)}" is no address of a medium; use https://, s3://bucket/key, file:///folder/file or blob:sha256/<hex>.`;
  return mediaError('MEDIA_URI_INVALID', message);
}

function noop(): Promise<void> {
  return Promise.resolve();
}
