import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { abortable } from './abortable.js';
import { fileError } from './blob-errors.js';

/** Bytes that can be read more than once, in memory when few, else in a file of their own. */
export interface SpooledBytes extends AsyncDisposable {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly content:
    | { readonly kind: 'memory'; readonly bytes: Uint8Array }
    | { readonly kind: 'file'; readonly path: string };
}

export interface SpoolOptions {
  /** Folder of the temporary file. @default the system's */
  readonly spoolDir?: string;
  /** Longest content kept in memory. @default 8 MiB */
  readonly memoryBytes?: number;
}

export const DEFAULT_SPOOL_MEMORY_BYTES = 8 << 20;

/**
 * Reads a stream of unknown length once and hashes it on the way: an address is known only after the last byte.
 *
 * @throws AvdError resourceExhausted DISK_FULL, cancelled; what the stream throws passes through AvdError.from
 */
export async function spoolBytes(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  options: SpoolOptions = {},
  signal?: AbortSignal,
): Promise<SpooledBytes> {
  const memoryBytes = options.memoryBytes ?? DEFAULT_SPOOL_MEMORY_BYTES;
  const hash = createHash('sha256');
  if (source instanceof Uint8Array) {
    const sha256 = hash.update(source).digest('hex');
    return inMemory(sha256, source);
  }
  const file = path.join(options.spoolDir ?? tmpdir(), `avd-spool-${randomUUID()}`);
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  let handle: FileHandle | undefined;
  try {
    for await (const piece of abortable(source, signal)) {
      hash.update(piece);
      sizeBytes += piece.length;
      if (handle === undefined && sizeBytes <= memoryBytes) {
        pieces.push(piece.slice());
        continue;
      }
      if (handle === undefined) {
        await mkdir(path.dirname(file), { recursive: true });
        handle = await open(file, 'wx', 0o600);
        for (const earlier of pieces) await handle.writeFile(earlier);
        pieces.length = 0;
      }
      await handle.writeFile(piece);
    }
    await handle?.close();
  } catch (error) {
    await handle?.close().catch(() => undefined);
    await rm(file, { force: true });
    throw fileError(error, signal);
  }
  const sha256 = hash.digest('hex');
  if (handle === undefined) return inMemory(sha256, Buffer.concat(pieces));
  return {
    sha256,
    sizeBytes,
    content: { kind: 'file', path: file },
    [Symbol.asyncDispose]: () => rm(file, { force: true }),
  };
}

function inMemory(sha256: string, bytes: Uint8Array): SpooledBytes {
  return {
    sha256,
    sizeBytes: bytes.length,
    content: { kind: 'memory', bytes },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
