import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isBlobAddress } from '../blob-address.js';
import { fileError, isFileMissing } from '../blob-errors.js';
import { withKeyedLock } from '../keyed-lock.js';

/** A file of the cache that stays until it is released. */
export interface HeldFile {
  readonly path: string;
  release(): void;
}

export interface KnownMedium {
  readonly sha256: string;
  readonly validator: string;
}

/** An unfinished download, ours alone until it is put aside or added. */
export interface PartialMedium {
  readonly path: string;
  readonly sizeBytes: number;
  readonly validator: string | undefined;
}

export interface MediaCache {
  /** The file with these bytes, or undefined. */
  take(sha256: string): Promise<HeldFile | undefined>;
  /** Makes a finished download the file with these bytes. */
  add(partial: string, sha256: string): Promise<HeldFile>;
  known(uri: string): Promise<KnownMedium | undefined>;
  remember(uri: string, medium: KnownMedium): Promise<void>;
  /** A place for the download of this URI, with what an interrupted one has left. */
  begin(uri: string): Promise<PartialMedium>;
  /** Leaves an interrupted download for the next one; without a validator it is removed. */
  putAside(uri: string, partial: PartialMedium): Promise<void>;
  /** Removes the files longest unused until `maxCacheBytes` are left, but none that is held. */
  trim(maxCacheBytes: number | undefined): Promise<void>;
}

/** How many in this process use a file, by its path. */
const holds = new Map<string, number>();
const ABANDONED_AFTER_MS = 24 * 3600 * 1000;
/** A file name holds 255 bytes. */
const MAX_VALIDATOR_CHARS = 120;

/**
 * Downloaded media in a folder: `<sha256>` each, `uri/` says what a URI gave last, `partial/` holds downloads under
 * way and put aside. Files appear by renaming, so processes may share the folder; only this process's use of a file
 * protects it from `trim`.
 */
export function mediaCache(dir: string): MediaCache {
  const partialDir = path.join(dir, 'partial');
  const fileOf = (sha256: string): string => path.join(dir, sha256);
  const hashOf = (uri: string): string => createHash('sha256').update(uri).digest('hex');
  const uriFileOf = (uri: string): string => path.join(dir, 'uri', `${hashOf(uri)}.json`);
  const locked = <T>(run: () => Promise<T>): Promise<T> => withKeyedLock(dir, undefined, run);
  const mapped = async <T>(run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw fileError(error);
    }
  };

  return {
    take: (sha256) =>
      locked(async () => {
        const file = fileOf(sha256);
        const now = new Date();
        // The time of last use, for trim.
        const isThere = await utimes(file, now, now).then(
          () => true,
          (error: unknown) => !isFileMissing(error) && existsStill(file),
        );
        return isThere ? hold(file) : undefined;
      }),
    add: (partial, sha256) =>
      mapped(() =>
        locked(async () => {
          await rename(partial, fileOf(sha256));
          return hold(fileOf(sha256));
        }),
      ),
    async known(uri) {
      const text = await readFile(uriFileOf(uri), 'utf8').catch(() => '{}');
      let value: Partial<KnownMedium>;
      try {
        value = JSON.parse(text) as Partial<KnownMedium>;
      } catch {
        return undefined; // damaged from outside: downloaded again
      }
      const { sha256, validator } = value;
      if (typeof sha256 !== 'string' || !isBlobAddress(sha256)) return undefined;
      return typeof validator === 'string' ? { sha256, validator } : undefined;
    },
    remember: (uri, medium) =>
      mapped(async () => {
        const partial = path.join(partialDir, randomUUID());
        await mkdir(path.join(dir, 'uri'), { recursive: true });
        await writeFile(partial, JSON.stringify(medium));
        await rename(partial, uriFileOf(uri));
      }),
    begin: (uri) =>
      mapped(async () => {
        await mkdir(partialDir, { recursive: true });
        const own = path.join(partialDir, randomUUID());
        for (const name of await readdir(partialDir)) {
          const [hash, validator] = name.split('.');
          if (hash !== hashOf(uri) || validator === undefined) continue;
          // Of several that go on with the same download, one gets what is there.
          const isOurs = await rename(path.join(partialDir, name), own).then(
            () => true,
            () => false,
          );
          if (!isOurs) continue;
          const { size } = await stat(own);
          const text = Buffer.from(validator, 'base64url').toString('latin1');
          return { path: own, sizeBytes: size, validator: text };
        }
        return { path: own, sizeBytes: 0, validator: undefined };
      }),
    async putAside(uri, { path: file, sizeBytes, validator }) {
      const name = Buffer.from(validator ?? '', 'latin1').toString('base64url');
      if (sizeBytes > 0 && name !== '' && name.length <= MAX_VALIDATOR_CHARS) {
        await rename(file, path.join(partialDir, `${hashOf(uri)}.${name}`)).catch(() => undefined);
      }
      await rm(file, { force: true }).catch(() => undefined);
    },
    trim: (maxCacheBytes) =>
      mapped(() =>
        locked(async () => {
          await removeOld(partialDir);
          await removeOld(path.join(dir, 'uri'), 30 * ABANDONED_AFTER_MS);
          if (maxCacheBytes !== undefined) await removeUnused(dir, maxCacheBytes);
        }),
      ),
  };
}

async function removeUnused(dir: string, maxCacheBytes: number): Promise<void> {
  const files: { file: string; sizeBytes: number; usedMs: number }[] = [];
  for (const name of (await readdir(dir)).filter(isBlobAddress).sort()) {
    const file = path.join(dir, name);
    const info = await stat(file).catch(() => undefined);
    if (info !== undefined) files.push({ file, sizeBytes: info.size, usedMs: info.mtimeMs });
  }
  let totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  for (const { file, sizeBytes } of files.sort((a, b) => a.usedMs - b.usedMs)) {
    if (totalBytes <= maxCacheBytes) return;
    if (holds.has(file)) continue;
    await rm(file, { force: true });
    totalBytes -= sizeBytes;
  }
}

async function removeOld(dir: string, afterMs = ABANDONED_AFTER_MS): Promise<void> {
  for (const name of await readdir(dir).catch(() => [])) {
    const file = path.join(dir, name);
    const info = await stat(file).catch(() => undefined);
    if (info === undefined || Date.now() - info.mtimeMs < afterMs) continue;
    await rm(file, { force: true }).catch(() => undefined);
  }
}

/** A file of another user cannot be touched but can be read. */
async function existsStill(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

function hold(file: string): HeldFile {
  holds.set(file, (holds.get(file) ?? 0) + 1);
  let isHeld = true;
  return {
    path: file,
    release() {
      if (!isHeld) return;
      isHeld = false;
      const left = holds.get(file)! - 1;
      if (left === 0) holds.delete(file);
      else holds.set(file, left);
    },
  };
}
