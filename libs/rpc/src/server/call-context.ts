import type { Deadline, Metadata } from '@grpc/grpc-js';
import type { ServerSurfaceCall } from '@grpc/grpc-js/build/src/server-call.js';
import { AvdError } from '@avd/domain';

/** What a handler knows about its call. */
export interface CallContext {
  /**
   * Aborts when the client cancels or goes away, when the deadline passes, and when the server stops by force;
   * its reason is an AvdError. Never aborts once the call has ended.
   */
  readonly signal: AbortSignal;
  /** Text metadata of the request; the first value of each key, keys in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Address of the client. */
  readonly peer: string;
  /** `package.Service/Method`. */
  readonly method: string;
}

export function createCallContext(call: ServerSurfaceCall, signal: AbortSignal): CallContext {
  return {
    signal,
    metadata: textMetadata(call.metadata),
    peer: call.getPeer(),
    method: call.getPath().slice(1),
  };
}

/** The client's clock runs ahead of the server's by the way of the request, and its cancellation comes first. */
const DEADLINE_SLACK_MS = 100;

/** Whether a call that was left now was left because of its deadline. */
export function isPastDeadline(deadline: Deadline): boolean {
  return Number(deadline) <= Date.now() + DEADLINE_SLACK_MS;
}

/** Why a call that its client left has ended. */
export function cancelReason(call: ServerSurfaceCall): AvdError {
  return isPastDeadline(call.getDeadline())
    ? new AvdError('cancelled', 'DEADLINE_EXCEEDED', 'The deadline of the call has passed.')
    : new AvdError('cancelled', 'CANCELLED', 'The client has left the call.');
}

export function stoppingError(): AvdError {
  return new AvdError(
    'unavailable',
    'SERVER_STOPPING',
    'The avd server is stopping; try again in a moment.',
  );
}

function textMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
