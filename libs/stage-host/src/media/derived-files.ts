import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
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
    // Opens the file before it reads: a stream that fails at once could make its file after the removal below.
    await writeFile(partial, blobs.open(artifact.sha256, signal), { signal });
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw AvdError.from(error);
  }
  return target;
}
