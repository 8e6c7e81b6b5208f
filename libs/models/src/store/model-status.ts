import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isDownloaded } from '../manifest.js';
import type { ModelEntry } from '../manifest.js';
import { formsOf, isConverted, usableFiles } from './converted-file.js';
import type { ConvertedEntry } from './converted-file.js';
import { partialFiles } from './partial-file.js';
import { existingPaths } from './stored-file.js';

/** What there is of a network on this computer, by a look at names and sizes only. */
export interface ModelStatus {
  /**
   * `included`: inside an npm package; `ready`: downloaded, and converted where that is needed; `pulled`: downloaded,
   * to be converted; `partial`: its download was interrupted; `missing`: not there.
   */
  readonly state: 'included' | 'ready' | 'pulled' | 'partial' | 'missing';
  /** Downloaded file, if it is there. */
  readonly path?: string;
  /** Of the downloaded file, or of what is there of it. */
  readonly sizeBytes?: number;
}

export async function modelStatus(entry: ModelEntry, cacheDir: string): Promise<ModelStatus> {
  const { weights } = entry;
  if (!isDownloaded(weights)) return { state: 'included' };
  const isReady = !isConverted(entry) || (await hasEveryForm(entry, cacheDir));
  const [file] = await existingPaths(weights, cacheDir);
  if (file !== undefined) {
    const state = isReady ? 'ready' : 'pulled';
    return { state, path: file, sizeBytes: await sizeOf(file) };
  }
  // The converted file is enough to run.
  if (isConverted(entry) && isReady) return { state: 'ready' };
  const partial = await partialFiles(path.join(cacheDir, weights.name));
  if (partial.length === 0) return { state: 'missing' };
  return { state: 'partial', sizeBytes: Math.max(...(await Promise.all(partial.map(sizeOf)))) };
}

async function hasEveryForm(entry: ConvertedEntry, cacheDir: string): Promise<boolean> {
  for (const form of formsOf(entry)) {
    if ((await usableFiles(entry, cacheDir, form)).length === 0) return false;
  }
  return true;
}

async function sizeOf(filePath: string): Promise<number> {
  return (await stat(filePath).catch(() => undefined))?.size ?? 0;
}
