import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes files of one result together: all of them appear, or none and the folder is as before.
 * @param files name -> text
 */
export async function writeResults(
  outDir: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(outDir, { recursive: true });
  const partial = (name: string): string => path.join(outDir, `.${name}.${process.pid}.part`);
  const names = Object.keys(files);
  try {
    for (const name of names) await writeFile(partial(name), files[name]!);
    for (const name of names) await rename(partial(name), path.join(outDir, name));
  } catch (error) {
    await Promise.all(names.map((name) => rm(partial(name), { force: true })));
    throw error;
  }
}
