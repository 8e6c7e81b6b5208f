import { filesOf } from '../manifest.js';
import type { ModelEntry } from '../manifest.js';
import { carriedPath } from './carried-file.js';
import { convertedFiles, isIntact } from './converted-file.js';
import { existingPaths, isPublished } from './stored-file.js';

/** A file of a network after a look at its content. */
export interface VerifiedFile {
  readonly path: string;
  readonly isRight: boolean;
}

/**
 * Compares every file there is of a network with its SHA-256: those of an npm package, downloaded ones, converted ones.
 * @returns no file for a network that was not pulled
 */
export async function verifyModel(
  entry: ModelEntry,
  cacheDir: string,
): Promise<readonly VerifiedFile[]> {
  const found: VerifiedFile[] = [];
  for (const file of filesOf(entry)) {
    const paths =
      'npmPackage' in file.origin
        ? [carriedPath(file.origin)]
        : await existingPaths(file, cacheDir);
    for (const path of paths) {
      found.push({ path, isRight: await isPublished(file, path).catch(() => false) });
    }
  }
  for (const path of await convertedFiles(entry, cacheDir)) {
    found.push({ path, isRight: await isIntact(path) });
  }
  return found;
}
