import type { ConsumerInfo, StoredMsg } from '@nats-io/jetstream';
import { natsOf } from './connection.js';
import type { Messaging, NatsMessaging } from './connection.js';
import { publishDead } from './dead-letters.js';
import { pause } from './delays.js';
import { hasApiCode } from './nats-errors.js';
import { TASK_ID_HEADER } from './publish.js';
import { TASK_STAGES, TASK_STREAM, taskConsumer, taskSubject } from './topology.js';
import type { TaskStage } from './topology.js';

const NO_MESSAGE_FOUND = 10037;
const RETRY_PAUSE_MS = 5000;

/** A task that used up its deliveries without any worker ending it, e.g. because each one was killed. */
export interface ExhaustedTask {
  readonly stage: TaskStage;
  readonly job: string;
  readonly taskId: string;
  readonly payload: Uint8Array;
  readonly deliveries: number;
}

export interface WatchExhaustedOptions {
  /** How often to look for tasks whose advisory nobody heard. @default 60 */
  readonly sweepIntervalSec?: number;
}

/**
 * The back-stop of the dead letters: the server stops delivering such a task, yet keeps it for ever. It
 * is copied to AVD_DEAD (the task's own payload), told to the handler, and deleted, in this order; when
 * the handler throws it comes again. Several processes may watch; each advisory goes to one of them.
 *
 * The server only notices on a pull after the last delivery, and its advisory is a lossy message, so a
 * sweep looks at the stored tasks too.
 */
export function watchExhausted(
  messaging: Messaging,
  handler: (task: ExhaustedTask) => Promise<void>,
  options: WatchExhaustedOptions = {},
): AsyncDisposable {
  const nats = natsOf(messaging);
  const ending = new AbortController();
  // One at a time: an advisory and the sweep may find the same task.
  let last: Promise<unknown> = Promise.resolve();
  const serially = (work: () => Promise<unknown>): Promise<unknown> => {
    last = last.then(work).catch((error: unknown) => {
      nats.logger.warn('an exhausted task could not be ended yet', { error: String(error) });
    });
    return last;
  };

  const advisories = nats.nc.subscribe(
    `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${TASK_STREAM}.*`,
    {
      queue: 'avd-exhausted',
      callback: (error, message) => {
        if (error !== null) return;
        const { stream_seq, deliveries, consumer } = message.json<{
          stream_seq: number;
          deliveries: number;
          consumer: string;
        }>();
        const stage = TASK_STAGES.find((s) => taskConsumer(s) === consumer);
        if (stage === undefined) return;
        void serially(() => endTask(nats, handler, stage, stream_seq, deliveries));
      },
    },
  );

  const sweeping = (async () => {
    const intervalMs = (options.sweepIntervalSec ?? 60) * 1000;
    while (!ending.signal.aborted && nats.isOpen) {
      for (const stage of TASK_STAGES) await serially(() => sweep(nats, handler, stage));
      await pause(intervalMs, ending.signal);
    }
  })();

  return {
    async [Symbol.asyncDispose]() {
      ending.abort();
      if (!advisories.isClosed() && nats.isOpen) advisories.unsubscribe();
      await sweeping;
      await last;
    },
  };
}

/** With nothing in flight, every stored task that was delivered before is one the server has given up. */
async function sweep(
  nats: NatsMessaging,
  handler: (task: ExhaustedTask) => Promise<void>,
  stage: TaskStage,
): Promise<void> {
  if (nats.status !== 'connected' || !nats.isOpen) return;
  const info: ConsumerInfo = await nats.jsm.consumers.info(TASK_STREAM, taskConsumer(stage));
  if (info.num_ack_pending > 0) return;
  for (let sequence = 0; ;) {
    const message = await storedTask(nats, {
      seq: sequence + 1,
      next_by_subj: taskSubject(stage, '*'),
    });
    if (message === undefined || message.seq > info.delivered.stream_seq) return;
    sequence = message.seq;
    await endTask(nats, handler, stage, sequence, info.config.max_deliver ?? 0);
  }
}

async function endTask(
  nats: NatsMessaging,
  handler: (task: ExhaustedTask) => Promise<void>,
  stage: TaskStage,
  sequence: number,
  deliveries: number,
): Promise<void> {
  const message = await storedTask(nats, { seq: sequence });
  // Acknowledged late, purged, or ended by another orchestrator.
  if (message === undefined) return;
  const job = message.subject.split('.').at(-1) ?? '';
  const taskId = message.header.get(TASK_ID_HEADER);
  await publishDead(nats, {
    stage,
    job,
    taskId,
    attempts: deliveries,
    sequence,
    source: 'backstop',
    reason: 'DELIVERIES_EXHAUSTED',
    payload: message.data,
    taskHeaders: message.header,
  });
  await handler({ stage, job, taskId, payload: message.data, deliveries });
  await nats.jsm.streams.deleteMessage(TASK_STREAM, sequence, false).catch((error: unknown) => {
    if (!hasApiCode(error, NO_MESSAGE_FOUND)) throw error;
  });
  nats.logger.warn('a task used up its deliveries', { stage, job, taskId, deliveries });
}

async function storedTask(
  nats: NatsMessaging,
  query: { readonly seq: number; readonly next_by_subj?: string },
): Promise<StoredMsg | undefined> {
  for (;;) {
    try {
      return (await nats.jsm.streams.getMessage(TASK_STREAM, query)) ?? undefined;
    } catch (error) {
      if (hasApiCode(error, NO_MESSAGE_FOUND)) return undefined;
      if (nats.status === 'connected' || !nats.isOpen) throw error;
      await pause(RETRY_PAUSE_MS);
    }
  }
}
