import { stat, truncate } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { AvdError } from '@avd/domain';
import type { UrlFile } from '../manifest.js';
import { sha256OfFile } from './digest.js';
import { brokenOff, gone, refused, unreachable, wrongDigest } from './errors.js';
import { receive } from './receive.js';
import type { Received } from './receive.js';

/** How patient a download is. */
export interface DownloadPatience {
  /** Failures one after another, without a new byte in between, after which it gives up. @default 5 */
  readonly maxFailures?: number;
  /** Wait after the first failure; doubles with each. @default 500 */
  readonly firstWaitMs?: number;
  /** A server that sends nothing for so long has failed. @default 30000 */
  readonly stallMs?: number;
}

export interface DownloadOptions extends DownloadPatience {
  /** Folder the file is meant for; named in errors. */
  readonly dir: string;
  readonly allowsHttp: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (doneBytes: number, totalBytes: number | undefined) => void;
  readonly onRetry: (why: string, waitMs: number) => void;
}

const MAX_WAIT_MS = 30_000;
/** A server may have had a bad moment; a file that is wrong three times is another file. */
const MAX_WRONG_FILES = 3;
/** Bound for files of unknown size: no model of this project comes near it. */
const MAX_BYTES = 1e9;

/**
 * Downloads a file into `partialPath`, going on from what is there, and compares it with its SHA-256.
 * @param addresses tried one after another while a server says that the file is not there
 * @throws AvdError in one sentence that says what can be done
 */
export async function download(
  file: UrlFile,
  addresses: readonly string[],
  partialPath: string,
  options: DownloadOptions,
): Promise<void> {
  const { maxFailures = 5, firstWaitMs = 500, signal } = options;
  let addressIndex = 0;
  let wrongFiles = 0;
  let failures = 0;
  let mostBytes = await sizeOf(partialPath);
  for (;;) {
    const failure = await attempt(file, addresses[addressIndex]!, partialPath, options);
    if (failure === undefined) return;
    if (failure.kind === 'gone' && addressIndex + 1 < addresses.length) {
      addressIndex++;
      continue;
    }
    if (failure.kind === 'wrong') {
      wrongFiles++;
      await truncate(partialPath, 0);
    }
    const haveBytes = await sizeOf(partialPath);
    failures = haveBytes > mostBytes ? 1 : failures + 1;
    mostBytes = failure.kind === 'wrong' ? 0 : Math.max(mostBytes, haveBytes);
    const canPass = failure.kind === 'passing' || failure.kind === 'wrong';
    if (!canPass || failures >= maxFailures || wrongFiles >= MAX_WRONG_FILES) throw failure.error;
    const ownWaitMs = firstWaitMs * 2 ** (failures - 1);
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(ownWaitMs, failure.waitMs ?? 0));
    options.onRetry(failure.why, waitMs);
    await wait(waitMs, undefined, { signal }).catch(rethrow);
  }
}

interface Failure {
  /** Whether it may pass, the file is not there, is another one, or the server does not want to give it. */
  readonly kind: 'passing' | 'gone' | 'wrong' | 'final';
  /** A few words for the progress display. */
  readonly why: string;
  /** Thrown when nothing more is tried. */
  readonly error: AvdError;
  /** Wait the server asks for. */
  readonly waitMs?: number;
}

/** @returns undefined when the file is complete and right */
async function attempt(
  file: UrlFile,
  url: string,
  partialPath: string,
  options: DownloadOptions,
): Promise<Failure | undefined> {
  const { dir, stallMs = 30_000 } = options;
  const maxBytes = file.sizeBytes ?? MAX_BYTES;
  const received: Received =
    (await sizeOf(partialPath)) === file.sizeBytes
      ? { outcome: 'complete' }
      : await receive(url, partialPath, { ...options, maxBytes, stallMs });
  switch (received.outcome) {
    case 'complete': {
      const sha256 = await sha256OfFile(partialPath).catch(rethrow);
      if (sha256 === file.sha256) return undefined;
      const error = wrongDigest(file, url, sha256, dir);
      return { kind: 'wrong', why: 'the file is another one', error };
    }
    case 'status': {
      const { status, retryAfterMs: waitMs = 0 } = received;
      const why = `HTTP ${status}`;
      if (status === 404 || status === 410) {
        return { kind: 'gone', why, error: gone(file, url, status, dir) };
      }
      const kind = isPassing(status) ? 'passing' : 'final';
      return { kind, why, error: refused(file, url, status, dir), waitMs };
    }
    case 'unreachable': {
      const error = unreachable(file, url, dir, received.cause);
      return { kind: 'passing', why: 'no connection', error };
    }
    case 'broken': {
      const { why } = received;
      return { kind: 'passing', why, error: brokenOff(file, url, dir, why) };
    }
  }
}

/** Whether the server may well give the file later. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

async function sizeOf(filePath: string): Promise<number> {
  return (await stat(filePath).catch(() => undefined))?.size ?? 0;
}

function rethrow(error: unknown): never {
  throw AvdError.from(error);
}
