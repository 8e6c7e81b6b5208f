import { mkdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Text of a file, or a function that writes a file too large for memory under the (temporary) path it is given. */
export type ResultContent = string | ((partialPath: string) => Promise<void>);

/**
 * Writes files of one result together: all of them appear, or none and the folder is as before.
 * @param files name -> content; written in this order
 */
export async function writeResults(
  outDir: string,
  files: Readonly<Record<string, ResultContent>>,
): Promise<void> {
  const firstMade = await mkdir(outDir, { recursive: true });
  const partial = (name: string): string => path.join(outDir, `.${name}.${process.pid}.part`);
  const names = Object.keys(files);
  try {
    for (const name of names) {
      const content = files[name]!;
      if (typeof content === 'string') await writeFile(partial(name), content);
      else await content(partial(name));
    }
    for (const name of names) await rename(partial(name), path.join(outDir, name));
  } catch (error) {
    await Promise.all(names.map((name) => rm(partial(name), { force: true })));
    if (firstMade !== undefined) await removeEmptyFolders(path.resolve(outDir), firstMade);
    throw error;
  }
}

/** Removes a folder and those above it up to `last`, as far as they are empty. */
async function removeEmptyFolders(folder: string, last: string): Promise<void> {
  const isGone = await rmdir(folder).then(
    () => true,
    () => false,
  );
  if (isGone && folder !== path.resolve(last)) await removeEmptyFolders(path.dirname(folder), last);
}
