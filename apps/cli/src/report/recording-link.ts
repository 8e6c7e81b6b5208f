import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AvdError } from '@avd/domain';

/** A browser keeps an embedded file in memory, and text of twice its size while it is read. */
const MAX_EMBEDDED_BYTES = 200 * 2 ** 20;

/**
 * Address of a file as seen from a page in a folder: relative, so that both can be moved together; absolute only where no
 * relative path leads there (another drive).
 */
export function relativeHref(fromDir: string, file: string): string {
  const relative = path.relative(path.resolve(fromDir), path.resolve(file));
  if (path.isAbsolute(relative)) return pathToFileURL(relative).href;
  return relative.split(path.sep).map(encodeURIComponent).join('/');
}

/** @returns the file as base64. @throws AvdError invalidInput TOO_LARGE_TO_EMBED, notFound, permissionDenied */
export async function embeddedRecording(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_EMBEDDED_BYTES) {
      throw new AvdError(
        'invalidInput',
        'TOO_LARGE_TO_EMBED',
        `"${path.basename(file)}" is too large to be put into the report (more than ${MAX_EMBEDDED_BYTES / 2 ** 20} MiB); link it instead.`,
      );
    }
    return await readFile(file, 'base64');
  } catch (error) {
    throw AvdError.from(error);
  }
}
