import { status } from '@grpc/grpc-js';
import type { ErrorKind } from '@avd/domain';

/** gRPC status of each kind. Media and model share theirs with another kind, so the kind also travels in ErrorInfo. */
const CODE_OF_KIND: Readonly<Record<ErrorKind, status>> = {
  invalidInput: status.INVALID_ARGUMENT,
  notFound: status.NOT_FOUND,
  precondition: status.FAILED_PRECONDITION,
  media: status.INVALID_ARGUMENT,
  model: status.FAILED_PRECONDITION,
  resourceExhausted: status.RESOURCE_EXHAUSTED,
  permissionDenied: status.PERMISSION_DENIED,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
  cancelled: status.CANCELLED,
};

/** Reasons for which gRPC has a closer code than their kind's. */
const CODE_OF_REASON: Readonly<Record<string, status>> = {
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  ALREADY_EXISTS: status.ALREADY_EXISTS,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  UNIMPLEMENTED: status.UNIMPLEMENTED,
};

const KIND_OF_CODE: Readonly<Partial<Record<status, ErrorKind>>> = {
  [status.CANCELLED]: 'cancelled',
  [status.INVALID_ARGUMENT]: 'invalidInput',
  [status.OUT_OF_RANGE]: 'invalidInput',
  [status.DEADLINE_EXCEEDED]: 'cancelled',
  [status.NOT_FOUND]: 'notFound',
  [status.ALREADY_EXISTS]: 'precondition',
  [status.PERMISSION_DENIED]: 'permissionDenied',
  [status.UNAUTHENTICATED]: 'permissionDenied',
  [status.RESOURCE_EXHAUSTED]: 'resourceExhausted',
  [status.FAILED_PRECONDITION]: 'precondition',
  [status.UNIMPLEMENTED]: 'precondition',
  [status.ABORTED]: 'unavailable',
  [status.UNAVAILABLE]: 'unavailable',
};

/** The gRPC code of an error. */
export function codeOf(error: { readonly kind: ErrorKind; readonly reason: string }): status {
  return CODE_OF_REASON[error.reason] ?? CODE_OF_KIND[error.kind];
}

/** The kind of a status that does not name one (from another program, or from gRPC itself). */
export function kindOfCode(code: number): ErrorKind {
  return KIND_OF_CODE[code as status] ?? 'internal';
}

/** The code as text, `INVALID_ARGUMENT`; an unknown number is `UNKNOWN`. */
export function codeName(code: number): string {
  return status[code] ?? 'UNKNOWN';
}
