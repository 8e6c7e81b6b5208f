import type { AvdError } from '@avd/domain';
import { apiError } from '../api/api-errors.js';

export function uploadNotFound(requestId: string): AvdError {
  const name = `uploads/${requestId}`;
  return apiError('notFound', 'UPLOAD_NOT_FOUND', `There is no upload ${name}.`, { upload: name });
}

export function mediaNotFound(name: string): AvdError {
  return apiError('notFound', 'MEDIA_NOT_FOUND', `There is no uploaded file ${name}.`, {
    media: name,
  });
}

export function badWriteOffset(offsetBytes: number, committedSizeBytes: number): AvdError {
  return apiError(
    'invalidInput',
    'BAD_WRITE_OFFSET',
    `The piece begins at ${offsetBytes}, but the upload stands at ${committedSizeBytes}; go on there.`,
    { field: 'write_offset', committedSizeBytes: String(committedSizeBytes) },
  );
}

export function mediaTooLarge(maxUploadBytes: number): AvdError {
  return apiError(
    'invalidInput',
    'MEDIA_TOO_LARGE',
    `The file is larger than ${maxUploadBytes} bytes; put it where the service can read it, and give its uri.`,
    { maxUploadBytes: String(maxUploadBytes) },
  );
}

export function sizeMismatch(announcedBytes: number, actualBytes: number): AvdError {
  return apiError(
    'invalidInput',
    'SIZE_MISMATCH',
    `The file was announced with ${announcedBytes} bytes and has ${actualBytes}; upload it again.`,
    { field: 'spec.size_bytes' },
  );
}

export function digestMismatch(): AvdError {
  return apiError(
    'invalidInput',
    'DIGEST_MISMATCH',
    'The file has another SHA-256 than was announced; upload it again.',
    { field: 'spec.sha256' },
  );
}

export function uploadBusy(requestId: string): AvdError {
  const message = 'Several streams send this file at once; keep one of them and try again.';
  return apiError('unavailable', 'UNAVAILABLE', message, { upload: `uploads/${requestId}` });
}
