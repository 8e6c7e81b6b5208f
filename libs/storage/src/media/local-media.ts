import type { BigIntStats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentDigest } from '@avd/media';
import { fileError, isFileMissing } from '../blob-errors.js';
import { mediaError, mediaNotFound } from './media-errors.js';

export interface LocalMedium {
  /** Without links. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * A file named by a `file://` URI, when it lies in one of the roots both as named and after every link is followed.
 *
 * @throws AvdError as localMediaPath, and the errors of contentDigest
 */
export async function localMedia(
  uri: URL,
  allowedRoots: readonly string[],
  signal: AbortSignal,
): Promise<LocalMedium> {
  const file = await localMediaPath(uri, allowedRoots);
  return { path: file, sha256: await digestOnce(file, signal) };
}

/**
 * Path of that file without links.
 *
 * @throws AvdError permissionDenied MEDIA_URI_NOT_ALLOWED, notFound MEDIA_NOT_FOUND, invalidInput MEDIA_URI_INVALID
 */
export async function localMediaPath(uri: URL, allowedRoots: readonly string[]): Promise<string> {
  const named = namedPath(uri);
  const roots = allowedRoots.map((root) => path.resolve(root));
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  // Looked at first as named, so that nobody learns which files there are elsewhere.
  if (![...roots, ...realRoots].some((root) => isInside(root, named))) throw notAllowed(uri);
  const real = await realpath(named).catch((error: unknown) => {
    throw isFileMissing(error) ? mediaNotFound(uri.href, error) : fileError(error);
  });
  if (!realRoots.some((root) => isInside(root, real))) throw notAllowed(uri);
  return real;
}

function namedPath(uri: URL): string {
  try {
    if (uri.hostname === '' || uri.hostname === 'localhost') return fileURLToPath(uri);
  } catch {
    // Said below.
  }
  const message = `"${uri.href}" names no file; write file:///folder/file with three slashes.`;
  throw mediaError('MEDIA_URI_INVALID', message);
}

function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  const isAbove = relative === '..' || relative.startsWith(`..${path.sep}`);
  return relative !== '' && !isAbove && !path.isAbsolute(relative);
}

function notAllowed(uri: URL): Error {
  const message = `"${uri.href}" is not in a folder that media may be read from; ask the operator to allow it.`;
  return mediaError('MEDIA_URI_NOT_ALLOWED', message);
}

/** Digests of files already read, so that the chunks of one long file do not each read it whole. */
const digests = new Map<string, string>();
const MAX_DIGESTS = 256;

async function digestOnce(file: string, signal: AbortSignal): Promise<string> {
  const versionOf = (info: BigIntStats): string =>
    [file, info.dev, info.ino, info.size, info.mtimeNs, info.ctimeNs].join('\n');
  const info = await stat(file, { bigint: true }).catch((error: unknown) => {
    throw fileError(error);
  });
  const version = versionOf(info);
  const known = digests.get(version);
  if (known !== undefined) return known;
  const sha256 = await contentDigest(file, signal);
  if (digests.size >= MAX_DIGESTS) digests.delete(digests.keys().next().value!);
  digests.set(version, sha256);
  return sha256;
}
