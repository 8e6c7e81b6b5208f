import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { noPermission } from './media-errors.js';

/**
 * Finds what is plainly wrong with a path before ffprobe is asked.
 *
 * @throws AvdError notFound FILE_NOT_FOUND, invalidInput NOT_A_FILE or EMPTY_FILE, permissionDenied NO_PERMISSION
 */
export async function checkMediaFile(mediaPath: string): Promise<void> {
  const name = path.basename(mediaPath);
  const details = { path: mediaPath };
  const info = await stat(mediaPath).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES' || error.code === 'EPERM') throw noPermission(mediaPath, error);
    const message = `There is no file "${mediaPath}".`;
    throw new AvdError('notFound', 'FILE_NOT_FOUND', message, { details, cause: error });
  });
  if (!info.isFile()) {
    const message = `"${mediaPath}" is not a file; name one video or sound file.`;
    throw new AvdError('invalidInput', 'NOT_A_FILE', message, { details });
  }
  if (info.size === 0) {
    const message = `"${name}" is empty (0 bytes); copy or download it again.`;
    throw new AvdError('invalidInput', 'EMPTY_FILE', message, { details });
  }
  await access(mediaPath, constants.R_OK).catch((error: unknown) => {
    throw noPermission(mediaPath, error);
  });
}
