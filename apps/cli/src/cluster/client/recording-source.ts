import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AvdError } from '@avd/domain';

/** What `avd submit` was given: an address that the server reads, or a file that must be sent to it. */
export type RecordingSource =
  | { readonly kind: 'uri'; readonly uri: string }
  | { readonly kind: 'upload'; readonly file: string };

/**
 * @param argument path or URI of a recording
 * @param canReadFiles whether the server is on this machine and reads files where they are
 * @throws AvdError notFound FILE_NOT_FOUND; invalidInput NOT_A_FILE
 */
export async function chooseSource(
  argument: string,
  canReadFiles: boolean,
): Promise<RecordingSource> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(argument)) return { kind: 'uri', uri: argument };
  const file = path.resolve(argument);
  const entry = await stat(file);
  if (!entry.isFile()) {
    throw new AvdError(
      'invalidInput',
      'NOT_A_FILE',
      `${argument} is no file; avd submit takes one recording at a time.`,
    );
  }
  return canReadFiles ? { kind: 'uri', uri: pathToFileURL(file).href } : { kind: 'upload', file };
}

/** Reasons of the services for an address that they may not read: at creation, and during the work. */
const REFUSALS: readonly string[] = ['MEDIA_URI_NOT_ALLOWED', 'MEDIA_HOST_NOT_ALLOWED'];

/** What to do about an address that the server refused; other errors stay. */
export function withSourceAdvice(error: unknown, uri: string): AvdError {
  const known = AvdError.from(error);
  if (!REFUSALS.includes(known.reason)) return known;
  const message = uri.startsWith('file:') ? fileAdvice(uri) : addressAdvice(uri);
  return new AvdError(known.kind, known.reason, message, { details: known.details, cause: error });
}

function fileAdvice(uri: string): string {
  const folder = path.dirname(decodeURIComponent(uri.replace(/^file:(?:\/\/[^/]*)?/, '')));
  return `The server may not read files in ${folder}: send the file with --upload, or start the server with avd up --media-root ${folder}.`;
}

function addressAdvice(uri: string): string {
  return `The server may not read ${uri}; its host must be in AVD_MEDIA_HOSTS of the services.`;
}
