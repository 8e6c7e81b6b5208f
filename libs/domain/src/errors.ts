/**
 * The one error family. `reason` is stable (scripts and clients depend on it); the message is one
 * sentence for a person: what is wrong and what to do. `kind` decides the CLI exit code and the gRPC status.
 */
export const ERROR_KINDS = {
  /** The request or file given by the user is wrong. */
  invalidInput: { exitCode: 2, retryable: false },
  /** A named thing does not exist. */
  notFound: { exitCode: 3, retryable: false },
  /** Something must be done first (install, pull, start). */
  precondition: { exitCode: 4, retryable: false },
  /** The file cannot be decoded. */
  media: { exitCode: 5, retryable: false },
  /** A model is missing, damaged or fails. */
  model: { exitCode: 6, retryable: false },
  /** Disk, memory or quota is used up. */
  resourceExhausted: { exitCode: 7, retryable: true },
  /** No permission to read or write. */
  permissionDenied: { exitCode: 8, retryable: false },
  /** A server cannot be reached now. */
  unavailable: { exitCode: 9, retryable: true },
  /** A defect of this program. */
  internal: { exitCode: 70, retryable: false },
  /** Stopped by the user or by a deadline. */
  cancelled: { exitCode: 130, retryable: false },
} as const;

export type ErrorKind = keyof typeof ERROR_KINDS;

export interface AvdErrorOptions {
  /** Facts for machines (file name, limits). Never secrets. */
  readonly details?: Readonly<Record<string, string>>;
  /** The original error: for logs, never shown to a client. */
  readonly cause?: unknown;
}

export class AvdError extends Error {
  override readonly name = 'AvdError';
  readonly kind: ErrorKind;
  /** Stable UPPER_SNAKE reason. */
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;

  constructor(kind: ErrorKind, reason: string, message: string, options: AvdErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.reason = reason;
    this.details = options.details ?? {};
  }

  get retryable(): boolean {
    return ERROR_KINDS[this.kind].retryable;
  }

  get exitCode(): number {
    return ERROR_KINDS[this.kind].exitCode;
  }

  /** Maps anything thrown to this family: aborts, full disks, missing permissions, else INTERNAL. */
  static from(error: unknown): AvdError {
    if (error instanceof AvdError) return error;
    if (error instanceof Error) {
      if (error.name === 'AbortError') {
        return new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.', { cause: error });
      }
      const { code, path } = error as NodeJS.ErrnoException;
      const where = path === undefined ? '' : ` (${path})`;
      const options = { cause: error };
      if (code === 'ENOSPC' || code === 'EDQUOT') {
        return new AvdError(
          'resourceExhausted',
          'DISK_FULL',
          `The disk is full${where}; free some space and run again.`,
          options,
        );
      }
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
        return new AvdError(
          'permissionDenied',
          'NO_PERMISSION',
          `No permission to read or write${where}.`,
          options,
        );
      }
      if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR') {
        return new AvdError(
          'invalidInput',
          'NOT_A_FOLDER',
          `A file is where a folder should be, or a folder where a file should be${where}.`,
          options,
        );
      }
      if (code === 'ENOENT') {
        return new AvdError('notFound', 'FILE_NOT_FOUND', `File not found${where}.`, options);
      }
    }
    return new AvdError(
      'internal',
      'INTERNAL',
      'Something went wrong inside avd; run again with AVD_DEBUG=1 to see the details.',
      { cause: error },
    );
  }
}
