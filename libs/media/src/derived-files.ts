import path from 'node:path';
import { isThere, workFilesFor } from './work-files.js';

/**
 * Files that `openMedia` has derived from a medium and keeps in the work folder: its facts, its sound, and the copy of
 * its packets where there is one. Put under the same names into another work folder, they save `openMedia` that work.
 *
 * @param cacheKey as given to `openMedia`
 * @returns paths in `workDir`
 */
export async function derivedFilesOf(workDir: string, cacheKey: string): Promise<string[]> {
  const { wavPath, matroskaPath, factsPath } = await workFilesFor('', workDir, cacheKey);
  // The facts speak of the copy, so they come last.
  const files = [wavPath, matroskaPath, factsPath];
  const there = await Promise.all(files.map(isThere));
  return files.filter((_, i) => there[i]);
}

/** Whether a name received from elsewhere can be that of a derived file. */
export function isDerivedFileName(name: string): boolean {
  return path.basename(name) === name && /^[0-9a-f]{16}\.(wav|mkv|json)$/.test(name);
}
