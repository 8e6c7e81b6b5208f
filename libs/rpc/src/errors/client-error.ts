import { status as code, type ServiceError } from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';
import { codeName, kindOfCode } from './codes.js';
import { STATUS_DETAILS_KEY } from './server-error.js';
import { decodeStatus, fromStatus, isOwnStatus, type RpcStatus } from './status.js';

export interface CallFacts {
  /** HOST:PORT of the server, for the message. */
  readonly address?: string;
  /** Limit that the caller had set, for the message. */
  readonly deadlineSec?: number;
}

/**
 * The error of a failed call. One that an avd server sent keeps its kind, reason, message and details;
 * one that gRPC itself made (nobody answers, deadline, message too large) becomes one clear sentence.
 */
export function toAvdError(error: ServiceError, facts: CallFacts = {}): AvdError {
  const status = detailsOf(error);
  const known = status === undefined ? undefined : fromStatus(status);
  if (known !== undefined) {
    return new AvdError(known.kind, known.reason, known.message, {
      details: known.details,
      cause: error,
    });
  }
  return (
    OWN_WORDS[error.code]?.(error, facts) ??
    new AvdError(kindOfCode(error.code), codeName(error.code), error.details, { cause: error })
  );
}

/** Sentences for what gRPC itself reports; without one, its own text stands. */
const OWN_WORDS: Readonly<
  Partial<Record<number, (error: ServiceError, facts: CallFacts) => AvdError | undefined>>
> = {
  [code.CANCELLED]: (cause) =>
    new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.', { cause }),
  [code.DEADLINE_EXCEEDED]: (cause, facts) => {
    const { deadlineSec } = facts;
    const limit = deadlineSec === undefined ? 'in time' : `within ${String(deadlineSec)} s`;
    const message = `No answer from ${serverText(facts)} ${limit}.`;
    return new AvdError('cancelled', 'DEADLINE_EXCEEDED', message, { cause });
  },
  [code.UNAVAILABLE]: (cause, facts) =>
    neverConnected(cause)
      ? noServerError(facts.address, cause)
      : new AvdError(
          'unavailable',
          'CONNECTION_LOST',
          `The connection to ${serverText(facts)} was lost during the call; try again.`,
          { cause },
        ),
  [code.UNIMPLEMENTED]: (cause, facts) =>
    new AvdError(
      'precondition',
      'UNIMPLEMENTED',
      `This call is not known to ${serverText(facts)}; it may be of another version.`,
      { cause },
    ),
  [code.RESOURCE_EXHAUSTED]: (cause) => {
    const sizes = /larger than (?:max \((\d+) vs\.? (\d+)\)|(\d+))/.exec(cause.details);
    return sizes === null ? undefined : tooLarge(sizes[1], sizes[2] ?? sizes[3] ?? '', cause);
  },
};

/** Whether this is an error of grpc-js: a number as code, and details. */
export function isServiceError(error: unknown): error is ServiceError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'number' &&
    'details' in error &&
    typeof error.details === 'string'
  );
}

/** Nobody listens at the address. */
export function noServerError(address: string | undefined, cause: unknown): AvdError {
  const where = address === undefined ? '' : ` at ${address}`;
  return new AvdError(
    'unavailable',
    'SERVER_UNAVAILABLE',
    `No avd server answers${where}; start one with \`avd up\`, or give the address of one that runs.`,
    { ...(address === undefined ? {} : { details: { address } }), cause },
  );
}

function detailsOf(error: ServiceError): RpcStatus | undefined {
  const value = (error.metadata as ServiceError['metadata'] | undefined)?.get(
    STATUS_DETAILS_KEY,
  )[0];
  if (!(value instanceof Buffer)) return undefined;
  try {
    const status = decodeStatus(value);
    return isOwnStatus(status) ? status : undefined;
  } catch {
    // Another program's details that are no google.rpc.Status: code and text still say enough.
    return undefined;
  }
}

function neverConnected(error: ServiceError): boolean {
  return /No connection established|Name resolution failed|Failed to connect/.test(error.details);
}

function serverText({ address }: CallFacts): string {
  return address === undefined ? 'the avd server' : `the avd server at ${address}`;
}

function tooLarge(
  sizeBytes: string | undefined,
  limitBytes: string,
  cause: ServiceError,
): AvdError {
  const size = sizeBytes === undefined ? 'A message' : `A message of ${sizeBytes} bytes`;
  return new AvdError(
    'invalidInput',
    'MESSAGE_TOO_LARGE',
    `${size} is larger than the ${limitBytes} bytes that one message may have; send it in parts.`,
    {
      details: { limitBytes, ...(sizeBytes === undefined ? {} : { sizeBytes }) },
      cause,
    },
  );
}
