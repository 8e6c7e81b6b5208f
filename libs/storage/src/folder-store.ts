import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ResultStore } from '@avd/stage-kit';

/** Results as JSON files in a folder; each file appears whole or not at all. */
export function folderStore(dir: string): ResultStore {
  const fileOf = (key: string): string => path.join(dir, key.slice(0, 2), `${key}.json`);
  return {
    async get(key) {
      let text: string;
      try {
        text = await readFile(fileOf(key), 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
      try {
        return JSON.parse(text) as unknown;
      } catch {
        return undefined; // damaged from outside: computed again and replaced
      }
    },
    async put(key, result) {
      const file = fileOf(key);
      const partial = `${file}.${process.pid}.part`;
      await mkdir(path.dirname(file), { recursive: true });
      try {
        await writeFile(partial, JSON.stringify(result));
        await rename(partial, file);
      } catch (error) {
        await rm(partial, { force: true });
        throw error;
      }
    },
  };
}
