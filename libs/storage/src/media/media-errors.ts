import { AvdError, type ErrorKind } from '@avd/domain';

/** Stable reasons of the errors of fetchMedia, and their kinds. */
const MEDIA_REASONS = {
  MEDIA_URI_INVALID: 'invalidInput',
  MEDIA_URI_NOT_ALLOWED: 'permissionDenied',
  MEDIA_HOST_NOT_ALLOWED: 'permissionDenied',
  MEDIA_ADDRESS_NOT_ALLOWED: 'permissionDenied',
  MEDIA_ACCESS_DENIED: 'permissionDenied',
  MEDIA_NOT_FOUND: 'notFound',
  MEDIA_HOST_NOT_FOUND: 'notFound',
  MEDIA_REDIRECT_INVALID: 'invalidInput',
  MEDIA_REFUSED: 'invalidInput',
  MEDIA_TOO_LARGE: 'invalidInput',
  MEDIA_CHANGED: 'precondition',
  MEDIA_UNAVAILABLE: 'unavailable',
} as const satisfies Record<string, ErrorKind>;

export type MediaReason = keyof typeof MEDIA_REASONS;

export function mediaError(reason: MediaReason, message: string, cause?: unknown): AvdError {
  return new AvdError(MEDIA_REASONS[reason], reason, message, { cause });
}

/** The URI without its query and fragment, which may carry a secret. */
export function shownUri(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

export function mediaNotFound(shown: string, cause?: unknown): AvdError {
  return mediaError('MEDIA_NOT_FOUND', `There is no medium at ${shown}.`, cause);
}

export function mediaUnavailable(shown: string, cause?: unknown): AvdError {
  const message = `The medium at ${shown} cannot be fetched now; try again later.`;
  return mediaError('MEDIA_UNAVAILABLE', message, cause);
}
