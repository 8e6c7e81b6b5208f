import { AvdError } from '@avd/domain';

export function blobNotFound(sha256: string, cause?: unknown): AvdError {
  const message = `There is no blob sha256/${sha256} in the store.`;
  return new AvdError('notFound', 'BLOB_NOT_FOUND', message, { details: { sha256 }, cause });
}

export function blobDamaged(sha256: string): AvdError {
  const message = `Blob sha256/${sha256} is damaged: its bytes do not match its address; delete it so that it is made again.`;
  return new AvdError('unavailable', 'BLOB_DAMAGED', message, { details: { sha256 } });
}

export function cancelledError(signal: AbortSignal): AvdError {
  const reason: unknown = signal.reason;
  if (reason instanceof AvdError) return reason;
  return new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.', { cause: reason });
}

/** @throws AvdError cancelled */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelledError(signal);
}

/** What an NFS volume or an overloaded disk says for a while. */
const PASSING_FILE_ERRORS = new Set([
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  'EBUSY',
  'EAGAIN',
  'EMFILE',
  'ENFILE',
  'EHOSTDOWN',
  'EREMOTEIO',
  'ENOTCONN',
]);

/** Error of a file operation as one of ours; errors of ours pass through. */
export function fileError(error: unknown, signal?: AbortSignal): AvdError {
  if (error instanceof AvdError) return error;
  if (signal?.aborted === true) return cancelledError(signal);
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && PASSING_FILE_ERRORS.has(code)) {
    const message = `The storage folder cannot be used now (${code}); try again.`;
    return new AvdError('unavailable', 'STORAGE_UNAVAILABLE', message, { cause: error });
  }
  return AvdError.from(error);
}

export function isFileMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOENT';
}
