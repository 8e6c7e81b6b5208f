import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';
import type { stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { isDerivedFileName, isThere } from '@avd/media';
import type { BlobStore } from '@avd/stage-kit';

/**
 * Makes sure that a file derived from a medium lies in the work folder, whole.
 * @returns its path
 */
export async function fetchDerivedFile(
  { name, artifact }: stageV1.DerivedFile,
  workDir: string,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<string> {
  if (!isDerivedFileName(name) || artifact === undefined) {
    throw new AvdError(
      'invalidInput',
      'BAD_DERIVED_FILE',
      `"${name}" is not the name of a file derived from a recording.`,
    );
  }
  const target = path.join(workDir, name);
  if (await isThere(target)) return target;
  await mkdir(workDir, { recursive: true });
  const partial = `${target}.${randomUUID()}.part`;
  try {
    await pipeline(blobs.open(artifact.sha256, signal), createWriteStream(partial), { signal });
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw AvdError.from(error);
  }
  return target;
}
