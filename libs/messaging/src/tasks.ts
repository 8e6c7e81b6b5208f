import { AvdError } from '@avd/domain';
import { natsOf } from './connection.js';
import type { Messaging } from './connection.js';
import { checkToken, headersOf, publishStored, TASK_ID_HEADER } from './publish.js';
import type { Published } from './publish.js';
import {
  cancelSubject,
  MAX_TASK_PAYLOAD_BYTES,
  TASK_STREAM,
  taskConsumer,
  taskSubject,
} from './topology.js';
import type { TaskStage } from './topology.js';
import { withSendSpan } from './tracing.js';

const QUICK_DEADLINE_MS = 10_000;

export interface TaskToPublish {
  readonly stage: TaskStage;
  readonly job: string;
  /** `<job>/<stage>/<chunk>/<plan revision>`. */
  readonly taskId: string;
  /** At most 64 KiB: references, never media. */
  readonly payload: Uint8Array;
  /** What the queue recognises a repeated publish by, for 10 minutes. @default taskId */
  readonly dedupeId?: string;
  /** Time to keep trying while NATS is away. @default 30 */
  readonly deadlineSec?: number;
}

/**
 * Puts a task into the queue of its stage, once per dedupe id.
 * @throws AvdError invalidInput TASK_TOO_LARGE, unavailable NATS_UNAVAILABLE (also when the queue does not exist)
 */
export async function publishTask(messaging: Messaging, task: TaskToPublish): Promise<Published> {
  if (task.payload.length > MAX_TASK_PAYLOAD_BYTES) {
    throw new AvdError(
      'invalidInput',
      'TASK_TOO_LARGE',
      `A task of ${task.payload.length} bytes exceeds the ${MAX_TASK_PAYLOAD_BYTES} bytes a queue takes; put the data into a blob and send its reference.`,
      { details: { sizeBytes: String(task.payload.length) } },
    );
  }
  const messageId = task.dedupeId ?? task.taskId;
  const headers = headersOf({ [TASK_ID_HEADER]: task.taskId });
  const facts = {
    template: taskTemplate(task.stage),
    messageId,
    job: task.job,
    stage: task.stage,
  };
  return withSendSpan(facts, headers, () =>
    publishStored(natsOf(messaging), {
      what: 'publish a task',
      subject: taskSubject(task.stage, checkToken('job id', task.job)),
      payload: task.payload,
      messageId,
      headers,
      deadlineSec: task.deadlineSec,
    }),
  );
}

export function taskTemplate(stage: TaskStage): string {
  return taskSubject(stage, '{job}');
}

export interface QueueState {
  /** Tasks that nobody has yet. */
  readonly pending: number;
  /** Tasks given to a worker, or waiting for their next attempt. */
  readonly inFlight: number;
  /** Free slots of workers that wait for a task now. */
  readonly waitingPulls: number;
}

export function queueState(messaging: Messaging, stage: TaskStage): Promise<QueueState> {
  const nats = natsOf(messaging);
  return nats.persist('read the state of a queue', QUICK_DEADLINE_MS, async () => {
    const info = await nats.jsm.consumers.info(TASK_STREAM, taskConsumer(stage));
    return {
      pending: info.num_pending,
      inFlight: info.num_ack_pending,
      waitingPulls: info.num_waiting,
    };
  });
}

/**
 * Removes the tasks of a job from the queues of all stages.
 * @returns how many
 */
export function purgeJobTasks(messaging: Messaging, job: string): Promise<number> {
  const nats = natsOf(messaging);
  const filter = taskSubject('*', checkToken('job id', job));
  return nats.persist('remove the tasks of a job', QUICK_DEADLINE_MS, async () => {
    const { purged } = await nats.jsm.streams.purge(TASK_STREAM, { filter });
    return purged;
  });
}

/** Tells all workers to stop the tasks of a job now. Lossy: the job state is the truth, this is the speed. */
export async function broadcastCancel(messaging: Messaging, job: string): Promise<void> {
  const { nc } = natsOf(messaging);
  nc.publish(cancelSubject(checkToken('job id', job)));
  await nc.flush();
}
