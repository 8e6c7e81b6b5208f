import { fileURLToPath } from 'node:url';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import { fileBlobStore } from './file-blob-store.js';
import { memoryBlobStore } from './memory-blob-store.js';
import type { OpenedBlobStore } from './opened-blob-store.js';
import { s3BlobStore } from './s3/s3-blob-store.js';
import type { S3BucketOptions } from './s3/s3-objects.js';
import type { SpoolOptions } from './spooled-bytes.js';

/** Opens a store of another kind; what it returns is disposed of with the store when it can be. */
export type BlobStoreFactory = (
  url: URL,
) => Promise<BlobStore & Partial<AsyncDisposable>> | (BlobStore & Partial<AsyncDisposable>);

export interface OpenBlobStoreOptions extends SpoolOptions {
  /** More schemes, without the colon: `{ 'nats-obj': (url) => … }`. */
  readonly factories?: Readonly<Record<string, BlobStoreFactory>>;
}

const OWN_SCHEMES = ['file:///folder', 's3://bucket/prefix', 'memory:'];
const S3_SETTINGS = new Set(['endpoint', 'region', 'path-style']);

/**
 * Opens the blob store that a URL names: `file:///folder`, `memory:`,
 * `s3://bucket/prefix?endpoint=http://host:9000&region=eu-west-1&path-style=true`, or a scheme of `factories`.
 *
 * @throws AvdError invalidInput BLOB_STORE_URL_INVALID
 */
export async function openBlobStore(
  url: string,
  options: OpenBlobStoreOptions = {},
): Promise<OpenedBlobStore> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = parsed?.protocol.slice(0, -1) ?? '';
  const factory = options.factories?.[scheme];
  if (parsed === undefined) throw unknownStore(url, options);
  if (parsed.username !== '' || parsed.password !== '') {
    parsed.username = '';
    parsed.password = '';
    throw wrongUrl(parsed.href, 'it must not carry a name and password; use the environment');
  }
  if (factory !== undefined) {
    const store = await factory(parsed);
    return Symbol.asyncDispose in store ? (store as OpenedBlobStore) : disposable(store);
  }
  if (scheme === 'file') return fileBlobStore(folderOf(url, parsed));
  if (scheme === 's3') return s3BlobStore({ ...spoolOf(options), ...s3Of(parsed) });
  if (scheme === 'memory') return memoryBlobStore();
  throw unknownStore(url, options);
}

function folderOf(text: string, url: URL): string {
  const hint = 'a folder is written as file:///folder with three slashes';
  if (url.search !== '') throw wrongUrl(text, 'a folder has no settings');
  // Looked for in the text, since the parser turns file:folder into file:///folder.
  if (!/^file:\/\/(localhost)?\/[^/]/i.test(text)) throw wrongUrl(text, hint);
  try {
    return fileURLToPath(url);
  } catch {
    throw wrongUrl(text, hint);
  }
}

function s3Of(url: URL): S3BucketOptions & { prefix: string } {
  if (url.hostname === '')
    throw wrongUrl(url.href, 'it names no bucket, as s3://bucket/prefix does');
  const settings = url.searchParams;
  for (const name of settings.keys()) {
    if (S3_SETTINGS.has(name)) continue;
    const known = [...S3_SETTINGS].join(', ');
    throw wrongUrl(url.href, `"${name}" is no setting; there are ${known}`);
  }
  const endpoint = settings.get('endpoint');
  if (endpoint !== null && !/^https?:\/\/[^/]/.test(endpoint)) {
    throw wrongUrl(url.href, 'its endpoint must begin with http:// or https://');
  }
  const pathStyle = settings.get('path-style');
  if (pathStyle !== null && pathStyle !== 'true' && pathStyle !== 'false') {
    throw wrongUrl(url.href, 'path-style is either true or false');
  }
  const region = settings.get('region');
  if (/%(?![0-9a-f]{2})/i.test(url.pathname))
    throw wrongUrl(url.href, 'a % in it must be written %25');
  return {
    bucket: url.hostname,
    prefix: decodeURIComponent(url.pathname).replace(/^\/+|\/+$/g, ''),
    ...(endpoint === null ? {} : { endpoint }),
    ...(region === null ? {} : { region }),
    ...(pathStyle === null ? {} : { forcePathStyle: pathStyle === 'true' }),
  };
}

function spoolOf({ spoolDir, memoryBytes }: SpoolOptions): SpoolOptions {
  return {
    ...(spoolDir === undefined ? {} : { spoolDir }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

function disposable(store: BlobStore): OpenedBlobStore {
  return {
    put: (source, mediaType, signal) => store.put(source, mediaType, signal),
    get: (sha256, signal) => store.get(sha256, signal),
    open: (sha256, signal) => store.open(sha256, signal),
    has: (sha256, signal) => store.has(sha256, signal),
    delete: (sha256) => store.delete(sha256),
    getPointer: (key, signal) => store.getPointer(key, signal),
    putPointer: (key, ref, signal) => store.putPointer(key, ref, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function unknownStore(url: string, options: OpenBlobStoreOptions): AvdError {
  const schemes = [
    ...OWN_SCHEMES,
    ...Object.keys(options.factories ?? {}).map((scheme) => `${scheme}://name`),
  ];
  return wrongUrl(url, `use ${schemes.slice(0, -1).join(', ')} or ${schemes.at(-1)!}`);
}

function wrongUrl(url: string, what: string): AvdError {
  const message = `"${url}" is no address of a blob store: ${what}.`;
  return new AvdError('invalidInput', 'BLOB_STORE_URL_INVALID', message);
}
