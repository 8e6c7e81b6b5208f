import { copyFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { defaultCacheDir } from '../cache-dir.js';
import { filesOf, isDownloaded } from '../manifest.js';
import type { ModelEntry, UrlFile } from '../manifest.js';
import { download } from './download.js';
import type { DownloadPatience } from './download.js';
import { notInMirror, wrongDigest } from './errors.js';
import { makeFolder } from './make-folder.js';
import { addressesOf, parseMirror } from './mirror.js';
import type { Mirror } from './mirror.js';
import { claimPartialFile } from './partial-file.js';
import { findStored, isPublished } from './stored-file.js';

/** One message of a running pull. */
export type PullEvent =
  /** The right file is there already. */
  | { readonly type: 'present'; readonly file: string; readonly path: string }
  | {
      readonly type: 'progress';
      readonly file: string;
      readonly doneBytes: number;
      /** Absent while nobody has stated it. */
      readonly totalBytes?: number;
    }
  /** It is tried again after the wait. */
  | {
      readonly type: 'retry';
      readonly file: string;
      readonly why: string;
      readonly waitMs: number;
    }
  /** Downloaded or copied, and verified. */
  | { readonly type: 'done'; readonly file: string; readonly path: string };

export interface PullOptions {
  /** @default defaultCacheDir() */
  readonly cacheDir?: string;
  /** Folder or http(s) address that is used instead of the publishers' servers. @default AVD_MODEL_MIRROR */
  readonly mirror?: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: PullEvent) => void;
  readonly patience?: DownloadPatience;
}

/**
 * Downloads what some networks need into the folder of model files; those inside npm packages are there already.
 * Every file appears there at once, verified. An interrupted download is gone on with by the next call. May be called
 * several times at once, by several processes too.
 * @throws AvdError in one sentence that says what can be done
 */
export async function pullModels(
  entries: Iterable<ModelEntry>,
  options: PullOptions = {},
): Promise<void> {
  const files = new Map<string, UrlFile>();
  for (const file of [...entries].flatMap(filesOf)) {
    if (isDownloaded(file)) files.set(file.name, file);
  }
  for (const file of files.values()) await inTurn(file, options);
}

/** The last pull of each file in this process: the next one waits for it, and then mostly finds the file there. */
const running = new Map<string, Promise<void>>();

async function inTurn(file: UrlFile, options: PullOptions): Promise<void> {
  const dir = path.resolve(options.cacheDir ?? defaultCacheDir());
  const target = path.join(dir, file.name);
  const before = running.get(target) ?? Promise.resolve();
  const pull = before.catch(() => undefined).then(() => pullFile(file, dir, options));
  running.set(target, pull);
  try {
    await pull;
  } catch (error) {
    throw AvdError.from(error);
  } finally {
    if (running.get(target) === pull) running.delete(target);
  }
}

async function pullFile(file: UrlFile, dir: string, options: PullOptions): Promise<void> {
  const signal = options.signal ?? new AbortController().signal;
  if (signal.aborted) throw new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.');
  const emit = options.onEvent ?? (() => undefined);
  const found = await findStored(file, dir);
  if (found.state === 'verified') {
    emit({ type: 'present', file: file.name, path: found.path });
    return;
  }
  await makeFolder(dir);
  const target = path.join(dir, file.name);
  const mirror = parseMirror(options.mirror ?? process.env['AVD_MODEL_MIRROR']);
  const partialPath = await claimPartialFile(target);
  try {
    if (mirror?.kind === 'folder') {
      await copyFromFolder(file, mirror, partialPath, dir);
    } else {
      await download(file, addressesOf(file, mirror), partialPath, {
        ...options.patience,
        dir,
        signal,
        allowsHttp: mirror !== undefined,
        onBytes: (doneBytes, totalBytes = file.sizeBytes) => {
          const total = totalBytes === undefined ? {} : { totalBytes };
          emit({ type: 'progress', file: file.name, doneBytes, ...total });
        },
        onRetry: (why, waitMs) => emit({ type: 'retry', file: file.name, why, waitMs }),
      });
    }
  } catch (error) {
    await removeIfEmpty(partialPath);
    throw error;
  }
  await rename(partialPath, target);
  emit({ type: 'done', file: file.name, path: target });
}

async function copyFromFolder(
  file: UrlFile,
  mirror: Mirror,
  partialPath: string,
  dir: string,
): Promise<void> {
  const found = await findStored(file, mirror.from);
  if (found.state === 'missing') throw notInMirror(file, mirror);
  if (found.state === 'wrong') throw wrongDigest(file, found.path, undefined, dir);
  await copyFile(found.path, partialPath);
  if (!(await isPublished(file, partialPath))) throw wrongDigest(file, found.path, undefined, dir);
}

/** Nothing can be gone on with. */
async function removeIfEmpty(partialPath: string): Promise<void> {
  const info = await stat(partialPath).catch(() => undefined);
  if (info?.size === 0) await rm(partialPath, { force: true });
}
