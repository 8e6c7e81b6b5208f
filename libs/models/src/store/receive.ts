import { open, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { noSpace } from './errors.js';
import { isSafeAddress } from './safe-address.js';

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
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), options.stallMs);
  const signal = AbortSignal.any([options.signal, stall.signal]);
  const partial = await open(partialPath, 'a').catch(rethrow);
  let isConnected = false;
  try {
    const haveBytes = (await partial.stat()).size;
    // A range asks for plain bytes by itself; without one the answer could be compressed.
    const headers: Record<string, string> =
      haveBytes > 0 ? { range: `bytes=${haveBytes}-` } : { 'accept-encoding': 'identity' };
    const response = await fetch(url, { headers, signal });
    isConnected = true;
    timer.refresh();
    if (!options.allowsHttp && !isSafeAddress(response.url)) {
      await response.body?.cancel();
      return { outcome: 'broken', why: 'the server led to an address without encryption' };
    }
    // Nothing is left to send: the file is complete, which its digest will show.
    if (response.status === 416) return { outcome: 'complete' };
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      return { outcome: 'status', status: response.status, ...retryAfter(response) };
    }
    const startBytes = rangeStart(response);
    if (startBytes !== haveBytes) {
      await partial.truncate(0);
      if (startBytes !== 0) return { outcome: 'broken', why: 'the server sent another part' };
    }
    const totalBytes = totalSize(response, startBytes);
    if (totalBytes !== undefined && totalBytes > options.maxBytes) {
      await response.body.cancel();
      return { outcome: 'complete' };
    }
    await checkSpace(path.dirname(partialPath), (totalBytes ?? startBytes) - startBytes);
    let doneBytes = startBytes;
    for await (const piece of response.body) {
      timer.refresh();
      const bytes = piece as Uint8Array;
      if (doneBytes + bytes.length > options.maxBytes) return { outcome: 'complete' };
      await writeAll(partial, bytes);
      doneBytes += bytes.length;
      options.onBytes(doneBytes, totalBytes);
    }
    return totalBytes !== undefined && doneBytes < totalBytes
      ? { outcome: 'broken', why: 'the connection ended early' }
      : { outcome: 'complete' };
  } catch (error) {
    if (error instanceof AvdError) throw error;
    if (options.signal.aborted) {
      throw new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.', { cause: error });
    }
    if (stall.signal.aborted) {
      return { outcome: 'broken', why: `no data for ${Math.ceil(options.stallMs / 1000)} s` };
    }
    return isConnected
      ? { outcome: 'broken', why: 'the connection was lost' }
      : { outcome: 'unreachable', cause: error };
  } finally {
    clearTimeout(timer);
    await partial.close();
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
