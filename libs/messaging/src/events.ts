import { natsOf } from './connection.js';
import type { Messaging, NatsMessaging } from './connection.js';
import {
  checkToken,
  EVENT_ID_HEADER,
  headersOf,
  publishStored,
  TASK_ID_HEADER,
} from './publish.js';
import type { Published } from './publish.js';
import { pullLoop } from './pull-loop.js';
import type { HeldDelivery } from './pull-loop.js';
import { EVENT_CONSUMER, EVENT_STREAM, eventSubject } from './topology.js';
import type { Outcome, TaskStage } from './topology.js';
import { markFailed, withProcessSpan, withSendSpan } from './tracing.js';

const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 30_000;

export interface EventToPublish {
  readonly job: string;
  readonly stage: TaskStage;
  readonly taskId: string;
  readonly outcome: Outcome;
  readonly payload: Uint8Array;
  /** What the stream recognises a repeated publish by, for 10 minutes, e.g. `<task id>/completed`. */
  readonly eventId: string;
  /** Time to keep trying while NATS is away. @default 30 */
  readonly deadlineSec?: number;
}

/** Tells all orchestrators how a task ended; stored for 7 days. @throws AvdError */
export async function publishEvent(
  messaging: Messaging,
  event: EventToPublish,
): Promise<Published> {
  const { job, stage, outcome, eventId } = event;
  const headers = headersOf({ [TASK_ID_HEADER]: event.taskId, [EVENT_ID_HEADER]: eventId });
  const facts = { template: eventSubject('{job}', stage, outcome), messageId: eventId, job, stage };
  return withSendSpan(facts, headers, () =>
    publishStored(natsOf(messaging), {
      what: 'publish an event',
      subject: eventSubject(checkToken('job id', job), stage, outcome),
      payload: event.payload,
      messageId: eventId,
      headers,
      deadlineSec: event.deadlineSec,
    }),
  );
}

export interface StageEvent {
  readonly job: string;
  readonly stage: TaskStage;
  readonly taskId: string;
  readonly outcome: Outcome;
  readonly payload: Uint8Array;
  readonly eventId: string;
  /** From 1: greater when a handler threw or its process was lost. */
  readonly deliveryCount: number;
  /** Grows with the order of publishing. */
  readonly sequence: number;
}

export interface ConsumeEventsOptions {
  /** Events handled at once; those of one job always one after the other. @default 16 */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
}

/**
 * Handles events through the durable consumer that all orchestrators share: each event goes to one of
 * them and is acknowledged after its handler; when it throws, the event returns later, without end.
 * Events of one job are handled one at a time in a process, in the order of arrival; a redelivered
 * event and other processes can break that order, so handlers compare with the stored state.
 * Disposing lets running handlers end.
 */
export function consumeEvents(
  messaging: Messaging,
  handler: (event: StageEvent) => Promise<void>,
  options: ConsumeEventsOptions = {},
): AsyncDisposable {
  const nats = natsOf(messaging);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  if (options.signal?.aborted === true) stop();
  else options.signal?.addEventListener('abort', stop, { once: true });
  const lastOfJob = new Map<string, Promise<void>>();

  const pulling = pullLoop(nats, {
    stream: EVENT_STREAM,
    consumer: EVENT_CONSUMER,
    slots: options.concurrency ?? 16,
    signal: stopping.signal,
    handle: async (delivery) => {
      const event = eventOf(delivery);
      const before = lastOfJob.get(event.job) ?? Promise.resolve();
      const turn = before.then(() => handleEvent(nats, handler, delivery, event));
      lastOfJob.set(event.job, turn);
      await turn;
      if (lastOfJob.get(event.job) === turn) lastOfJob.delete(event.job);
    },
  });
  return {
    async [Symbol.asyncDispose]() {
      stop();
      options.signal?.removeEventListener('abort', stop);
      await pulling;
    },
  };
}

async function handleEvent(
  nats: NatsMessaging,
  handler: (event: StageEvent) => Promise<void>,
  delivery: HeldDelivery,
  event: StageEvent,
): Promise<void> {
  const { job, stage, outcome, eventId } = event;
  const facts = {
    template: eventSubject('{job}', stage, outcome),
    messageId: eventId,
    job,
    stage,
    consumerGroup: EVENT_CONSUMER,
    attempt: event.deliveryCount,
  };
  await withProcessSpan(facts, delivery.headers, async (span) => {
    try {
      await handler(event);
    } catch (error) {
      markFailed(span, error);
      const delayMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (event.deliveryCount - 1));
      nats.logger.warn('an event was not handled and will come again', {
        job,
        eventId,
        deliveryCount: event.deliveryCount,
        delayMs,
        error: String(error),
      });
      await delivery.settle({ kind: 'nak', delayMs });
      return;
    }
    await delivery.settle({ kind: 'ack' });
  });
}

function eventOf(delivery: HeldDelivery): StageEvent {
  const [job = '', stage = '', outcome = ''] = delivery.subject.split('.').slice(3);
  return {
    job,
    stage: stage as TaskStage,
    outcome: outcome as Outcome,
    taskId: delivery.headers?.get(TASK_ID_HEADER) ?? '',
    eventId: delivery.headers?.get(EVENT_ID_HEADER) ?? '',
    payload: delivery.payload,
    deliveryCount: delivery.deliveryCount,
    sequence: delivery.sequence,
  };
}
