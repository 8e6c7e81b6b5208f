import type { ErrorReason } from './gen/avdiarization/v1/error.js';

/** `google.rpc.ErrorInfo.domain` of every error of this system. */
export const ERROR_DOMAIN = 'avdiarization.dev';

/** A reason of the contract as it stands in AvdError and ErrorInfo: `'JOB_NOT_FOUND' satisfies ErrorReasonName`. */
export type ErrorReasonName = Exclude<keyof typeof ErrorReason, 'UNSPECIFIED' | 'UNRECOGNIZED'>;
