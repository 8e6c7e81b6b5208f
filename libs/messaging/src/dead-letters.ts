import type { MsgHdrs } from '@nats-io/nats-core';
import { AvdError } from '@avd/domain';
import type { NatsMessaging } from './connection.js';
import {
  ATTEMPTS_HEADER,
  DEAD_SOURCE_HEADER,
  headersOf,
  JOB_HEADER,
  publishStored,
  REASON_HEADER,
  TASK_ID_HEADER,
} from './publish.js';
import { deadSubject } from './topology.js';
import type { TaskStage } from './topology.js';

export interface DeadLetter {
  readonly stage: TaskStage;
  readonly job: string;
  readonly taskId: string;
  readonly attempts: number;
  /** Sequence in AVD_TASKS. */
  readonly sequence: number;
  /** Who gave up: a worker, or the back-stop for tasks that no worker could end. */
  readonly source: 'worker' | 'backstop';
  readonly reason: string;
  readonly payload: Uint8Array;
  /** Of the task: its trace context goes on. */
  readonly taskHeaders: MsgHdrs | undefined;
}

/** Stores a dead letter, once per stored task however often it is repeated. @throws AvdError */
export async function publishDead(nats: NatsMessaging, letter: DeadLetter): Promise<void> {
  const headers = headersOf({
    [TASK_ID_HEADER]: letter.taskId,
    [JOB_HEADER]: letter.job,
    [ATTEMPTS_HEADER]: String(letter.attempts),
    [DEAD_SOURCE_HEADER]: letter.source,
    [REASON_HEADER]: letter.reason,
  });
  for (const name of ['traceparent', 'tracestate']) {
    const value = letter.taskHeaders?.get(name) ?? '';
    if (value !== '') headers.set(name, value);
  }
  await publishStored(nats, {
    what: 'publish a dead letter',
    subject: deadSubject(letter.stage),
    payload: letter.payload,
    messageId: `dead/${letter.taskId}/${letter.sequence}`,
    headers,
  });
}

export function reasonOf(error: unknown): string {
  return AvdError.from(error).reason;
}
