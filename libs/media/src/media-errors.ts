import { open } from 'node:fs/promises';
import path from 'node:path';
import { AvdError } from '@avd/domain';

/** What ffprobe's complaint about a file means to the user. */
export async function unreadableFile(mediaPath: string, stderrTail: string): Promise<AvdError> {
  const name = path.basename(mediaPath);
  const options = { details: { path: mediaPath }, cause: stderrTail };
  if (/Permission denied/.test(stderrTail)) return noPermission(mediaPath, stderrTail);
  // ffprobe says so of any file named .mp4.
  if (/moov atom not found/.test(stderrTail) && (await startsLikeMp4(mediaPath))) {
    const message = `"${name}" is cut off: the index at its end is missing, so nothing can be read; copy or download it again.`;
    return new AvdError('media', 'FILE_TRUNCATED', message, options);
  }
  const message = `"${name}" is not a video or sound file that ffmpeg can read.`;
  return new AvdError('media', 'NOT_A_MEDIA_FILE', message, options);
}

export function noPermission(mediaPath: string, cause: unknown): AvdError {
  const message = `No permission to read "${path.basename(mediaPath)}"; change its access rights or run as a user who may read it.`;
  return new AvdError('permissionDenied', 'NO_PERMISSION', message, {
    details: { path: mediaPath },
    cause,
  });
}

export function nothingUsable(mediaPath: string, cause?: string): AvdError {
  const message = `"${path.basename(mediaPath)}" contains neither pictures nor sound.`;
  return new AvdError('media', 'NO_AUDIO_OR_VIDEO', message, {
    details: { path: mediaPath },
    cause,
  });
}

/** Names of the boxes an MP4 or QuickTime file begins with. */
const FIRST_BOX = /^(ftyp|moov|mdat|free|skip|wide|pnot|uuid)$/;

async function startsLikeMp4(mediaPath: string): Promise<boolean> {
  const file = await open(mediaPath, 'r');
  try {
    const head = Buffer.alloc(8);
    await file.read(head, 0, 8, 0);
    return FIRST_BOX.test(head.toString('latin1', 4, 8));
  } finally {
    await file.close();
  }
}

/** ffmpeg opened the file but got no pictures or sound out of it. */
export function decodeFailed(mediaPath: string, what: string, stderrTail: string): AvdError {
  const name = path.basename(mediaPath);
  const options = { details: { path: mediaPath }, cause: stderrTail };
  if (/Decoder \(.*\) not found|no decoder|Decoder not found|Unsupported codec/i.test(stderrTail)) {
    const message = `The ${what} of "${name}" are coded in a way this ffmpeg cannot decode; convert it to MP4 (H.264, AAC).`;
    return new AvdError('media', 'UNSUPPORTED_CODEC', message, options);
  }
  const message = `The ${what} of "${name}" cannot be decoded; the file is probably damaged.`;
  return new AvdError('media', 'DECODE_FAILED', message, options);
}
