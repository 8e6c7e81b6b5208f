import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { makeFolder } from './make-folder.js';

/** Writes a file in one step: it is whole or as before. @returns its path @throws AvdError when it cannot be written */
export async function keepFile(target: string, bytes: Uint8Array): Promise<string> {
  const temporary = `${target}.${randomUUID()}.part`;
  try {
    await makeFolder(path.dirname(target));
    await writeFile(temporary, bytes);
    await rename(temporary, target);
    return target;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw AvdError.from(error);
  }
}
