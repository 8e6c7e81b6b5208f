import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { delay } from '../abortable.js';
import { fileError, throwIfCancelled } from '../blob-errors.js';
import { mediaError, mediaUnavailable } from './media-errors.js';
import type { MediaOrigin } from './media-origin.js';

export interface DownloadProgress {
  readonly doneBytes: number;
  /** Undefined while the source does not say. */
  readonly totalBytes: number | undefined;
}

export interface DownloadOptions {
  /** Largest medium that is downloaded. @default no limit */
  readonly maxMediaBytes?: number;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Wait after the first failure in a row; doubles. @default 500 */
  readonly retryDelayMs?: number;
}

/** What has been written so far; kept up to date, so that the caller can put an interrupted download aside. */
export interface DownloadState {
  doneBytes: number;
  validator: string | undefined;
}

/** Failures in a row, with nothing new in between, after which a download fails. */
const MAX_FAILURES = 5;

/**
 * Downloads into `file`, going on from what is in it (`state`), and reconnects when the connection breaks.
 *
 * @param unlessValidator nothing is downloaded when this is still the version
 * @returns SHA-256 of the bytes, or `unchanged`
 * @throws AvdError MEDIA_TOO_LARGE, MEDIA_UNAVAILABLE and what the origin throws
 */
export async function downloadMedia(
  origin: MediaOrigin,
  shown: string,
  file: string,
  state: DownloadState,
  unlessValidator: string | undefined,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<{ readonly sha256: string } | 'unchanged'> {
  const maxBytes = options.maxMediaBytes ?? Number.POSITIVE_INFINITY;
  let hash = createHash('sha256');
  if (state.doneBytes > 0) {
    for await (const piece of createReadStream(file) as AsyncIterable<Buffer>) hash.update(piece);
  }
  const handle = await open(file, 'a');
  const checkSize = (sizeBytes: number): void => {
    if (sizeBytes <= maxBytes) return;
    const message = `The medium at ${shown} is larger than ${maxBytes} bytes, the most that is taken.`;
    throw mediaError('MEDIA_TOO_LARGE', message);
  };
  const startOver = async (): Promise<void> => {
    await handle.truncate(0);
    hash = createHash('sha256');
    state.doneBytes = 0;
    state.validator = undefined;
  };
  const downloadRest = async (): Promise<'done' | 'unchanged'> => {
    throwIfCancelled(signal);
    if (state.doneBytes > 0 && state.validator === undefined) await startOver();
    const part = await origin.open(
      {
        startByte: state.doneBytes,
        ...(state.validator === undefined ? {} : { validator: state.validator }),
        ...(unlessValidator === undefined ? {} : { unlessValidator }),
      },
      signal,
    );
    if (part === 'unchanged') return part;
    if (part.startByte !== state.doneBytes) await startOver();
    if (part.startByte !== state.doneBytes) throw mediaUnavailable(shown);
    state.validator = part.validator;
    const { totalBytes } = part;
    checkSize(totalBytes ?? 0);
    for await (const piece of part.pieces) {
      checkSize(state.doneBytes + piece.length);
      await handle.writeFile(piece);
      hash.update(piece);
      state.doneBytes += piece.length;
      options.onProgress?.({ doneBytes: state.doneBytes, totalBytes });
    }
    if (totalBytes !== undefined && state.doneBytes < totalBytes) throw mediaUnavailable(shown);
    return 'done';
  };

  let furthestBytes = state.doneBytes;
  let failures = 0;
  try {
    for (;;) {
      try {
        if ((await downloadRest()) === 'unchanged') return 'unchanged';
        await handle.sync();
        return { sha256: hash.digest('hex') };
      } catch (error) {
        const failure = fileError(error, signal);
        // A damaged blob stays damaged.
        const isOutage = failure.kind === 'unavailable' && failure.reason !== 'BLOB_DAMAGED';
        if (!isOutage) throw failure;
        failures = state.doneBytes > furthestBytes ? 1 : failures + 1;
        furthestBytes = Math.max(furthestBytes, state.doneBytes);
        if (failures >= MAX_FAILURES) throw failure;
        await delay((options.retryDelayMs ?? 500) * 2 ** (failures - 1), signal);
      }
    }
  } finally {
    await handle.close();
  }
}
