import { createHash } from 'node:crypto';
import { access, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';

/** Raised when the derived files of the same input would differ. */
const DERIVED_VERSION = 1;

/** Names of the files derived from one media file. They are whole or absent, and may be shared by processes. */
export interface WorkFiles {
  readonly wavPath: string;
  readonly matroskaPath: string;
  readonly factsPath: string;
}

/**
 * @param cacheKey identity of the content (its digest); default: path, size and time of change
 * @throws AvdError permissionDenied, resourceExhausted
 */
export async function workFilesFor(
  mediaPath: string,
  workDir: string,
  cacheKey: string | undefined,
): Promise<WorkFiles> {
  const hash = createHash('sha256').update(`derived ${DERIVED_VERSION}\n`);
  try {
    if (cacheKey === undefined) {
      const { size, mtimeNs } = await stat(mediaPath, { bigint: true });
      hash.update(`${path.resolve(mediaPath)}\n${size}\n${mtimeNs}`);
    } else {
      hash.update(cacheKey);
    }
    await mkdir(workDir, { recursive: true });
  } catch (error) {
    throw AvdError.from(error);
  }
  const base = path.join(workDir, hash.digest('hex').slice(0, 16));
  return { wavPath: `${base}.wav`, matroskaPath: `${base}.mkv`, factsPath: `${base}.json` };
}

export async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
