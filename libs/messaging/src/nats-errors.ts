import { JetStreamApiError } from '@nats-io/jetstream';
import { errors } from '@nats-io/nats-core';
import { AvdError } from '@avd/domain';

const WRONG_LAST_SEQUENCE = 10071;
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const MESSAGE_TOO_LARGE = 10054;
/** No cluster, or not enough servers in it (yet). */
const NO_ROOM_FOR_REPLICAS = [10005, 10074];

const CONFLICT_REASON = 'REVISION_CONFLICT';

export function conflictError(key: string, cause?: unknown): AvdError {
  return new AvdError(
    'precondition',
    CONFLICT_REASON,
    `Somebody else has changed ${key} since it was read; read it again and repeat the change.`,
    { details: { key }, cause },
  );
}

/** Whether a write lost against another writer: read again and repeat. */
export function isConflict(error: unknown): boolean {
  return error instanceof AvdError && error.reason === CONFLICT_REASON;
}

export function hasApiCode(error: unknown, ...codes: number[]): boolean {
  return error instanceof JetStreamApiError && codes.includes(error.code);
}

export const isWrongRevision = (error: unknown): boolean => hasApiCode(error, WRONG_LAST_SEQUENCE);
export const isMissing = (error: unknown): boolean =>
  hasApiCode(error, STREAM_NOT_FOUND, CONSUMER_NOT_FOUND);

/** Whether the same call may succeed a moment later: NATS away, restarting or electing a leader. */
export function isTransient(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status >= 500;
  if (error instanceof AvdError) return error.kind === 'unavailable';
  if (!(error instanceof Error)) return false;
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.RequestError ||
    error instanceof errors.ConnectionError ||
    isUnanswered(error)
  );
}

/** NATS is there, but no stream for the subject: not created yet, or JetStream is still starting. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.name === 'JetStreamNotEnabled';
}

/** @param what what was tried, e.g. `publish a task` */
export function natsError(error: unknown, what: string): AvdError {
  if (error instanceof AvdError) return error;
  if (isMissing(error)) {
    return new AvdError(
      'precondition',
      'TOPOLOGY_MISSING',
      `Cannot ${what}: the streams do not exist yet; start the orchestrator first.`,
      { cause: error },
    );
  }
  if (hasApiCode(error, MESSAGE_TOO_LARGE)) {
    return new AvdError(
      'invalidInput',
      'MESSAGE_TOO_LARGE',
      `Cannot ${what}: the message is too large; send a reference to a blob.`,
      { cause: error },
    );
  }
  if (hasApiCode(error, ...NO_ROOM_FOR_REPLICAS)) {
    return new AvdError(
      'unavailable',
      'TOO_FEW_NATS_SERVERS',
      `Cannot ${what}: NATS has fewer servers with JetStream than copies are wanted; start more, or lower AVD_NATS_REPLICAS.`,
      { cause: error },
    );
  }
  if (isUnanswered(error)) {
    return new AvdError(
      'unavailable',
      'NATS_UNAVAILABLE',
      `Cannot ${what}: nothing in NATS takes it; check that the orchestrator has started and that nats-server runs with JetStream.`,
      { cause: error },
    );
  }
  if (
    isTransient(error) ||
    error instanceof errors.ClosedConnectionError ||
    error instanceof errors.DrainingConnectionError
  ) {
    return unavailable(what, error);
  }
  return AvdError.from(error);
}

export function unavailable(what: string, cause?: unknown): AvdError {
  return new AvdError(
    'unavailable',
    'NATS_UNAVAILABLE',
    `Cannot ${what}: NATS does not answer; check that nats-server runs and can be reached.`,
    { cause },
  );
}
