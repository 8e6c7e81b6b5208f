import { mkdir } from 'node:fs/promises';
import { AvdError } from '@avd/domain';

/** Makes the folder of model files. @throws AvdError in one sentence */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTDIR' && code !== 'EEXIST') throw AvdError.from(error);
    throw new AvdError(
      'invalidInput',
      'NOT_A_FOLDER',
      `Models cannot be kept in ${folder}: it, or what it should be in, is a file.`,
      { cause: error },
    );
  }
}
