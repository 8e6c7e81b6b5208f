import { AvdError } from '@avd/domain';
import { cancelledError } from '../blob-errors.js';

interface ServiceError {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $retryable?: unknown;
}

const MISSING = new Set(['NoSuchKey', 'NotFound', 'PreconditionFailed']);
const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'ExpiredToken', 'TokenProviderError']);
const DENIED = new Set([
  'AccessDenied',
  'Forbidden',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AllAccessDisabled',
  'AccountProblem',
]);
const FULL = new Set([
  'QuotaExceeded',
  'XMinioStorageFull',
  'InsufficientStorage',
  'EntityTooLarge',
]);
const PASSING = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'TimeoutError',
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'ServiceUnavailable',
  'InternalError',
  // Bytes that changed on their way; sent again they arrive.
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
]);

export function isS3Missing(error: unknown): boolean {
  const { name, $metadata } = error as ServiceError;
  if (name === 'NoSuchBucket') return false;
  return MISSING.has(name ?? '') || $metadata?.httpStatusCode === 404;
}

/** What the SDK threw as one of our errors; the text of the server stays in `cause`. */
export function s3Error(error: unknown, bucket: string, signal?: AbortSignal): AvdError {
  if (error instanceof AvdError) return error;
  if (signal?.aborted === true) return cancelledError(signal);
  const { name = '', code = '', $metadata, $retryable } = error as ServiceError;
  const statusCode = $metadata?.httpStatusCode ?? 0;
  const options = { details: { bucket, code: code || name }, cause: error };
  if (name === 'NoSuchBucket') {
    const message = `There is no bucket "${bucket}"; create it, or correct the address of the store.`;
    return new AvdError('precondition', 'S3_BUCKET_NOT_FOUND', message, options);
  }
  if (name === 'PermanentRedirect' || name === 'AuthorizationHeaderMalformed') {
    const message = `Bucket "${bucket}" is in another region; set the region in the address of the store.`;
    return new AvdError('precondition', 'S3_WRONG_REGION', message, options);
  }
  if (NO_CREDENTIALS.has(name)) {
    const message =
      'There are no valid S3 credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod a role.';
    return new AvdError('permissionDenied', 'S3_NO_CREDENTIALS', message, options);
  }
  if (FULL.has(name) || statusCode === 507) {
    const message = `Bucket "${bucket}" takes no more data; free some space or raise its quota.`;
    return new AvdError('resourceExhausted', 'S3_FULL', message, options);
  }
  if (DENIED.has(name) || statusCode === 401 || statusCode === 403) {
    const message = `Bucket "${bucket}" refuses these credentials; allow them to get, put, delete and list objects.`;
    return new AvdError('permissionDenied', 'S3_ACCESS_DENIED', message, options);
  }
  const isPassing =
    PASSING.has(name) ||
    PASSING.has(code) ||
    statusCode >= 500 ||
    statusCode === 429 ||
    statusCode === 408 ||
    $retryable !== undefined;
  if (isPassing) {
    const message = `The S3 server of bucket "${bucket}" cannot be reached now; try again.`;
    return new AvdError('unavailable', 'S3_UNAVAILABLE', message, options);
  }
  return AvdError.from(error);
}
