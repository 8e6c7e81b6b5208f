import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  access,
  mkdir,
  open,
  opendir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { abortable } from './abortable.js';
import {
  bytesToPointer,
  checkBlobAddress,
  pointerToBytes,
  sha256Hex,
  shardedName,
} from './blob-address.js';
import {
  blobDamaged,
  blobNotFound,
  fileError,
  isFileMissing,
  throwIfCancelled,
} from './blob-errors.js';
import type { OpenedBlobStore } from './opened-blob-store.js';
import { verifiedBytes } from './verified-bytes.js';

const READ_BYTES = 1 << 20;
/** Older unfinished files belong to processes that were killed. */
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;

/**
 * Blobs as files `sha256/aa/<hex>` and pointers as files `pointer/aa/<key>` in one folder, which may be a volume
 * shared by many processes and machines: each file is written beside under a name of its own and renamed, so it
 * appears whole or not at all, and the same blob written by two is the same file.
 *
 * @throws AvdError resourceExhausted DISK_FULL, permissionDenied NO_PERMISSION, unavailable STORAGE_UNAVAILABLE
 */
export function fileBlobStore(dir: string): OpenedBlobStore {
  const fileOf = (sha256: string): string => path.join(dir, 'sha256', shardedName(sha256));
  const pointerFileOf = (key: string): string => path.join(dir, 'pointer', shardedName(key));
  const partialDir = path.join(dir, 'partial');
  let sweeping: Promise<void> | undefined;

  /** A file of our own to write to, on the same volume. */
  const newPartialFile = async (): Promise<string> => {
    await mkdir(partialDir, { recursive: true });
    sweeping ??= removeAbandoned(partialDir);
    await sweeping;
    return path.join(partialDir, randomUUID());
  };
  /** Runs `write` on a partial file, which is gone afterwards whatever happens. */
  const withPartialFile = async <T>(
    write: (partial: string) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> => {
    throwIfCancelled(signal);
    let partial: string | undefined;
    try {
      partial = await newPartialFile();
      return await write(partial);
    } catch (error) {
      throw fileError(error, signal);
    } finally {
      if (partial !== undefined) await rm(partial, { force: true }).catch(() => undefined);
    }
  };
  const readWhole = async (file: string, signal?: AbortSignal): Promise<Uint8Array | undefined> => {
    throwIfCancelled(signal);
    const read = (): Promise<Uint8Array> => readFile(file, signal === undefined ? {} : { signal });
    try {
      return await read().catch(lookAgain(file, read));
    } catch (error) {
      if (isFileMissing(error)) return undefined;
      throw fileError(error, signal);
    }
  };

  return {
    put(source, mediaType, signal) {
      return withPartialFile(async (partial) => {
        const { sha256, sizeBytes } = await writePartial(partial, source, signal);
        const file = fileOf(sha256);
        // A whole file is left alone, since another machine may be reading it; a damaged one is replaced.
        if (!(await isWhole(file, sha256, sizeBytes))) {
          throwIfCancelled(signal);
          await mkdir(path.dirname(file), { recursive: true });
          await rename(partial, file);
        }
        return { sha256, sizeBytes, mediaType };
      }, signal);
    },
    async get(sha256, signal) {
      checkBlobAddress(sha256);
      const bytes = await readWhole(fileOf(sha256), signal);
      if (bytes === undefined) throw blobNotFound(sha256);
      if (sha256Hex(bytes) !== sha256) throw blobDamaged(sha256);
      return bytes;
    },
    async *open(sha256, signal) {
      checkBlobAddress(sha256);
      throwIfCancelled(signal);
      const file = fileOf(sha256);
      try {
        const openFile = (): Promise<Awaited<ReturnType<typeof open>>> => open(file, 'r');
        const handle = await openFile().catch(lookAgain(file, openFile));
        // The stream closes the handle at its end and when it is destroyed.
        const pieces = handle.createReadStream({ highWaterMark: READ_BYTES });
        yield* verifiedBytes(sha256, abortable(pieces as AsyncIterable<Buffer>, signal));
      } catch (error) {
        throw isFileMissing(error) ? blobNotFound(sha256, error) : fileError(error, signal);
      }
    },
    async has(sha256, signal) {
      checkBlobAddress(sha256);
      throwIfCancelled(signal);
      const file = fileOf(sha256);
      try {
        await access(file).catch(lookAgain(file, () => access(file)));
        return true;
      } catch (error) {
        if (isFileMissing(error)) return false;
        throw fileError(error, signal);
      }
    },
    async delete(sha256) {
      checkBlobAddress(sha256);
      await rm(fileOf(sha256), { force: true }).catch((error: unknown) => {
        throw fileError(error);
      });
    },
    async getPointer(key, signal) {
      checkBlobAddress(key);
      const bytes = await readWhole(pointerFileOf(key), signal);
      return bytes === undefined ? undefined : bytesToPointer(bytes);
    },
    async putPointer(key, ref, signal) {
      checkBlobAddress(key);
      await withPartialFile(async (partial) => {
        await writeFile(partial, pointerToBytes(ref));
        throwIfCancelled(signal);
        const file = pointerFileOf(key);
        await mkdir(path.dirname(file), { recursive: true });
        await rename(partial, file);
      }, signal);
    },
    async [Symbol.asyncDispose]() {
      // Nothing is held open.
    },
  };
}

async function writePartial(
  partial: string,
  source: Uint8Array | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<{ sha256: string; sizeBytes: number }> {
  if (source instanceof Uint8Array) {
    await writeFile(partial, source, signal === undefined ? {} : { signal });
    return { sha256: sha256Hex(source), sizeBytes: source.length };
  }
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const handle = await open(partial, 'wx');
  try {
    for await (const piece of abortable(source, signal)) {
      hash.update(piece);
      sizeBytes += piece.length;
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

async function isWhole(file: string, sha256: string, sizeBytes: number): Promise<boolean> {
  try {
    if ((await stat(file)).size !== sizeBytes) return false;
    const pieces = createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>;
    for await (const piece of verifiedBytes(sha256, pieces)) void piece;
    return true;
  } catch (error) {
    if (isFileMissing(error)) return false;
    if (error instanceof AvdError && error.reason === 'BLOB_DAMAGED') return false;
    throw error;
  }
}

/**
 * On NFS a client remembers for some seconds that a file was missing; opening its folder makes it ask the server
 * again, so a blob that another machine has just written is found.
 */
function lookAgain<T>(file: string, again: () => Promise<T>): (error: unknown) => Promise<T> {
  return async (error) => {
    if (!isFileMissing(error)) throw error;
    const folder = await opendir(path.dirname(file));
    await folder.close();
    return again();
  };
}

async function removeAbandoned(partialDir: string): Promise<void> {
  const names = await readdir(partialDir).catch(() => []);
  for (const name of names) {
    const file = path.join(partialDir, name);
    const info = await stat(file).catch(() => undefined);
    if (info === undefined || Date.now() - info.mtimeMs < ABANDONED_AFTER_MS) continue;
    await rm(file, { force: true }).catch(() => undefined);
  }
}
