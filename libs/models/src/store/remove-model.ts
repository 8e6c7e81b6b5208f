import { rm } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { filesOf, isDownloaded } from '../manifest.js';
import type { ModelEntry } from '../manifest.js';
import { convertedFiles } from './converted-file.js';
import { partialFiles } from './partial-file.js';
import { existingPaths } from './stored-file.js';

/**
 * Deletes what there is of a network in the folder of model files: the download, also an unfinished one, and what was
 * made of it. A file that two networks share goes for both.
 * @returns the deleted files
 */
export async function removeModel(entry: ModelEntry, cacheDir: string): Promise<readonly string[]> {
  const files = [...(await convertedFiles(entry, cacheDir))];
  for (const file of filesOf(entry).filter(isDownloaded)) {
    files.push(...(await existingPaths(file, cacheDir)));
    files.push(...(await partialFiles(path.join(cacheDir, file.name))));
  }
  for (const file of files) {
    await rm(file, { force: true }).catch((error: unknown) => {
      throw AvdError.from(error);
    });
  }
  return files;
}
