import { headers as newHeaders } from '@nats-io/nats-core';
import type { MsgHdrs } from '@nats-io/nats-core';
import { AvdError } from '@avd/domain';
import type { NatsMessaging } from './connection.js';

/** Header names beside NATS's own and the trace context. */
export const TASK_ID_HEADER = 'Avd-Task-Id';
export const EVENT_ID_HEADER = 'Avd-Event-Id';
export const DEAD_SOURCE_HEADER = 'Avd-Dead-Source';
export const ATTEMPTS_HEADER = 'Avd-Attempts';
export const JOB_HEADER = 'Avd-Job';
export const REASON_HEADER = 'Avd-Reason';

export const PUBLISH_DEADLINE_SEC = 30;

export interface Published {
  readonly sequence: number;
  /** The stream had this id already (within its 10 minutes) and kept the first. */
  readonly duplicate: boolean;
}

export interface StoredPublish {
  readonly what: string;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly messageId: string;
  readonly headers: MsgHdrs;
  readonly deadlineSec?: number | undefined;
}

/** Publishes to a stream until it confirms: repeating is safe, the stream knows the message id. */
export function publishStored(nats: NatsMessaging, message: StoredPublish): Promise<Published> {
  const deadlineMs = (message.deadlineSec ?? PUBLISH_DEADLINE_SEC) * 1000;
  return nats.persist(message.what, deadlineMs, async () => {
    const ack = await nats.js.publish(message.subject, message.payload, {
      msgID: message.messageId,
      headers: message.headers,
    });
    return { sequence: ack.seq, duplicate: ack.duplicate };
  });
}

export function headersOf(entries: Readonly<Record<string, string>>): MsgHdrs {
  const result = newHeaders();
  for (const [name, value] of Object.entries(entries)) result.set(name, value);
  return result;
}

/**
 * A job, step or request id becomes a part of subjects and keys.
 * @throws AvdError invalidInput INVALID_ID for characters that NATS gives a meaning to
 */
export function checkToken(what: string, token: string): string {
  if (!/^[-\w=]{1,200}$/.test(token)) {
    throw new AvdError(
      'invalidInput',
      'INVALID_ID',
      `${JSON.stringify(token)} cannot be a ${what}; use letters, digits, - and _.`,
    );
  }
  return token;
}
