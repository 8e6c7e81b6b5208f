import { open, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { ReadableStream } from 'node:stream/web';
import { AvdError } from '@avd/domain';
import { noSpace } from './errors.js';
import { isSafeAddress } from './safe-address.js';
import { watchSilence } from './watch-silence.js';
import type { Watch } from './watch-silence.js';

export interface ReceiveOptions {
  /** Not a byte more is taken. */
  readonly maxBytes: number;
  /** A server that sends nothing for so long has failed. */
  readonly stallMs: number;
  /** Whether the address may lead to one without encryption: when the user chose it. */
  readonly allowsHttp: boolean;
  readonly signal: AbortSignal;
  readonly onBytes: (doneBytes: number, totalBytes: number | undefined) => void;
}

/** How one request ended. */
export type Received =
  /** The server has sent all it has, or more than the file can have. */
  | { readonly outcome: 'complete' }
  /** The server answered with an error. */
  | {
      readonly outcome: 'status';
      readonly status: number;
      /** Wait the server asks for. */
      readonly retryAfterMs?: number;
    }
  /** There was no connection. */
  | { readonly outcome: 'unreachable'; readonly cause: unknown }
  /** The connection ended early. */
  | { readonly outcome: 'broken'; readonly why: string };

/**
 * One request for the rest of a file: bytes are added to the partial file. A server that knows no ranges sends
 * everything again, and the partial file is emptied first.
 * @throws AvdError for everything that is not the network's fault: cancelled, disk full, no permission
 */
export async function receive(
  url: string,
  partialPath: string,
  options: ReceiveOptions,
): Promise<Received> {
  using watch = watchSilence(options.stallMs, options.signal);
  await using partial = await open(partialPath, 'a').catch(rethrow);
  const haveBytes = (await partial.stat()).size;
  let response: Response | undefined;
  try {
    response = await request(url, haveBytes, watch.signal);
    watch.heard();
    const received = await take(response, { ...options, partial, partialPath, haveBytes, watch });
    if (!watch.signal.aborted) return received;
  } catch (error) {
    if (error instanceof AvdError) throw error;
    if (!watch.signal.aborted) {
      return response === undefined
        ? { outcome: 'unreachable', cause: error }
        : { outcome: 'broken', why: 'the connection was lost' };
    }
  } finally {
    // Frees the connection when not everything was read.
    await response?.body?.cancel().catch(() => undefined);
  }
  if (options.signal.aborted) {
    throw new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.');
  }
  return { outcome: 'broken', why: `no data for ${Math.ceil(options.stallMs / 1000)} s` };
}

/** The answer to a request for all bytes from a place on. */
function request(url: string, startBytes: number, signal: AbortSignal): Promise<Response> {
  // A range asks for plain bytes by itself; without one the answer could be compressed.
  const headers: Record<string, string> =
    startBytes > 0 ? { range: `bytes=${startBytes}-` } : { 'accept-encoding': 'identity' };
  // Not left to fetch alone, which holds its signal weakly.
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
  return Promise.race([fetch(url, { headers, signal }), aborted]);
}

interface TakeOptions extends ReceiveOptions {
  readonly partial: FileHandle;
  readonly partialPath: string;
  readonly haveBytes: number;
  readonly watch: Watch;
}

/** Writes the body of an answer behind what the partial file has. */
async function take(response: Response, options: TakeOptions): Promise<Received> {
  const { partial, haveBytes, watch, maxBytes } = options;
  if (!options.allowsHttp && !isSafeAddress(response.url)) {
    return { outcome: 'broken', why: 'the server led to an address without encryption' };
  }
  // Nothing is left to send: the file is complete, which its digest will show.
  if (response.status === 416) return { outcome: 'complete' };
  if (!response.ok || response.body === null) {
    return { outcome: 'status', status: response.status, ...retryAfter(response) };
  }
  const startBytes = rangeStart(response);
  if (startBytes !== haveBytes) {
    await partial.truncate(0);
    if (startBytes !== 0) return { outcome: 'broken', why: 'the server sent another part' };
  }
  const totalBytes = totalSize(response, startBytes);
  if (totalBytes !== undefined && totalBytes > maxBytes) return { outcome: 'complete' };
  await checkSpace(path.dirname(options.partialPath), (totalBytes ?? startBytes) - startBytes);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const stopReading = (): void => void reader.cancel().catch(() => undefined);
  watch.signal.addEventListener('abort', stopReading, { once: true });
  try {
    let doneBytes = startBytes;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      watch.heard();
      if (doneBytes + value.length > maxBytes) return { outcome: 'complete' };
      await writeAll(partial, value);
      doneBytes += value.length;
      options.onBytes(doneBytes, totalBytes);
    }
    return totalBytes !== undefined && doneBytes < totalBytes
      ? { outcome: 'broken', why: 'the connection ended early' }
      : { outcome: 'complete' };
  } finally {
    watch.signal.removeEventListener('abort', stopReading);
    stopReading();
  }
}

/** First byte of the answer: 0 for a whole file. */
function rangeStart({ status, headers }: Response): number {
  if (status !== 206) return 0;
  return Number(/^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1] ?? NaN);
}

/** Size of the whole file, if the server states it. */
function totalSize({ headers }: Response, startBytes: number): number | undefined {
  const length = headers.get('content-length');
  return length !== null && /^\d+$/.test(length) ? startBytes + Number(length) : undefined;
}

function retryAfter({ headers }: Response): { retryAfterMs?: number } {
  const seconds = headers.get('retry-after');
  return seconds !== null && /^\d+$/.test(seconds) ? { retryAfterMs: Number(seconds) * 1000 } : {};
}

/** Says that the disk is too small before it is full. */
async function checkSpace(folder: string, needBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder).catch(rethrow);
  if (needBytes > bavail * bsize) throw noSpace(folder, needBytes, bavail * bsize);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done).catch(rethrow)).bytesWritten;
  }
}

function rethrow(error: unknown): never {
  throw AvdError.from(error);
}
