import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AvdError } from '@avd/domain';
import { cancelledError, throwIfAborted } from './child-process.js';
import { checkMediaFile } from './check-file.js';

const READ_BYTES = 1 << 20;

/** SHA-256 of the file's bytes, hex; read in pieces. The identity of a media file, whatever its name. */
export async function contentDigest(mediaPath: string, signal?: AbortSignal): Promise<string> {
  await checkMediaFile(mediaPath);
  if (signal !== undefined) throwIfAborted(signal);
  const hash = createHash('sha256');
  const stream = createReadStream(mediaPath, {
    highWaterMark: READ_BYTES,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    for await (const piece of stream as AsyncIterable<Buffer>) hash.update(piece);
  } catch (error) {
    throw signal?.aborted === true ? cancelledError(signal) : AvdError.from(error);
  }
  return hash.digest('hex');
}
