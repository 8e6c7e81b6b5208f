import type { ErrorReasonName } from '@avd/contracts';
import { AvdError, type ErrorKind } from '@avd/domain';

/** An error with a reason of the contract. */
export function apiError(
  kind: ErrorKind,
  reason: ErrorReasonName,
  message: string,
  details: Readonly<Record<string, string>> = {},
): AvdError {
  return new AvdError(kind, reason, message, { details });
}

/**
 * @param field path in the request, e.g. `diarization_job.uri`
 * @param rule e.g. `must be given`
 */
export function invalidField(field: string, rule: string): AvdError {
  return apiError('invalidInput', 'INVALID_FIELD', `${field} ${rule}.`, { field });
}
