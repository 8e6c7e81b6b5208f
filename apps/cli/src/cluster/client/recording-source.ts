import { stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AvdError } from '@avd/domain';

/** What `avd submit` was given: an address that the server reads, or a file that must be sent to it. */
export type RecordingSource =
  | { readonly kind: 'uri'; readonly uri: string; readonly file?: string }
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
  return canReadFiles
    ? { kind: 'uri', uri: pathToFileURL(file).href, file }
    : { kind: 'upload', file };
}

/** Refused addresses, with what to do about it. */
export function sourceAdvice(error: unknown, source: RecordingSource): AvdError {
  const known = AvdError.from(error);
  if (known.reason !== 'SOURCE_NOT_ALLOWED' || source.kind !== 'uri') return known;
  const message =
    source.file === undefined
      ? `The server may not read ${source.uri}; it must be in AVD_MEDIA_ROOTS (files) or AVD_MEDIA_HOSTS (addresses) of its services.`
      : `The server may not read files in ${path.dirname(source.file)}: send the file with --upload, or start the server with avd up --media-root ${path.dirname(source.file)}.`;
  return new AvdError(known.kind, known.reason, message, { details: known.details, cause: error });
}
