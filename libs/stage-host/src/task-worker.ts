import { durationToSec, stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import {
  chunkStore,
  jobStore,
  publishEvent,
  publishProgress,
  workTasks,
  type JobStore,
  type Messaging,
  type Task,
  type TaskStage,
  type TaskWorker,
} from '@avd/messaging';
import { toStatus } from '@avd/rpc';
import {
  ATTR_AVD_STAGE_NAME,
  ATTR_ERROR_TYPE,
  errorType,
  injectTraceContext,
  METRIC_AVD_DEAD_LETTERS,
  METRIC_AVD_WORKER_SLOTS,
  metrics,
} from '@avd/telemetry';
import type { Progress } from '@avd/stage-kit';
import type { CallSession } from './stage-call.js';
import { withinTime } from './within-time.js';

/** What became of one task. */
export interface TaskOutcome {
  readonly artifact: stageV1.ArtifactRef;
  readonly execution: stageV1.ExecutionInfo;
}

/** @param request the message of the task's call */
export type TaskHandler = (
  request: unknown,
  session: CallSession,
  task: stageV1.StageTask,
) => Promise<TaskOutcome>;

export interface TaskWorkerOptions {
  readonly messaging: Messaging;
  readonly stage: TaskStage;
  /** By case of `StageTask.call`. */
  readonly handlers: Readonly<Record<string, TaskHandler>>;
  readonly slots: number;
  readonly maxAttempts: number;
  /** Where the task sets no limit of its own. */
  readonly timeoutSec: number;
  /** Name of this process in events. */
  readonly workerName: string;
  readonly onDone?: (task: stageV1.StageTask, outcome: TaskOutcome) => void;
}

const PROGRESS_EVERY_MS = 200;

/**
 * Works on the queue of a stage. A finished task is told in an order that makes every crash harmless: result in the blob
 * store, then under its chunk, then the event, then the acknowledgement.
 */
export function startTaskWorker(options: TaskWorkerOptions): TaskWorker {
  const { messaging, stage, handlers, workerName } = options;
  const chunks = chunkStore(messaging);
  const jobs = jobStore(messaging);
  const eventOf = (
    { job, taskId, step, index }: stageV1.StageTask,
    outcome: stageV1.TaskEvent['outcome'],
  ): Uint8Array =>
    stageV1.TaskEvent.encode({
      ...{ job, taskId, step, index, time: new Date(), worker: workerName, outcome },
    }).finish();

  metrics
    .upDownCounter(METRIC_AVD_WORKER_SLOTS)
    .add(options.slots, { [ATTR_AVD_STAGE_NAME]: stage });
  return workTasks(messaging, stage, {
    slots: options.slots,
    maxAttempts: options.maxAttempts,
    isRetryable,
    isCancelled: (job) => isStopped(jobs, job),
    async handle(delivered, signal) {
      const task = stageV1.StageTask.decode(delivered.payload);
      const handler = task.call === undefined ? undefined : handlers[task.call.$case];
      if (handler === undefined) {
        throw new AvdError(
          'internal',
          'UNKNOWN_CALL',
          `The stage ${stage} does not know the call ${task.call?.$case ?? 'of a newer version'}.`,
        );
      }
      const timeoutSec =
        task.timeout === undefined ? options.timeoutSec : durationToSec(task.timeout);
      const outcome = await withinTime(timeoutSec, signal, (limited) =>
        handler(
          task.call!.value,
          { signal: limited, report: progressReporter(messaging, task) },
          task,
        ),
      );
      const { artifact, execution } = outcome;
      const ref = stageV1.ArtifactRef.encode(artifact).finish();
      await chunks.put(task.job, task.step, task.index, ref);
      await publishEvent(messaging, {
        ...{ job: task.job, stage, taskId: task.taskId, outcome: 'completed' },
        payload: eventOf(task, { $case: 'completed', value: { artifact, execution } }),
        eventId: `${task.taskId}/completed/${delivered.attempt}`,
      });
      options.onDone?.(task, outcome);
    },
    async onDead(delivered, error) {
      const task = stageV1.StageTask.decode(delivered.payload);
      const status = toStatus(AvdError.from(error));
      const attempts = delivered.attempt;
      metrics
        .counter(METRIC_AVD_DEAD_LETTERS)
        .add(1, { [ATTR_AVD_STAGE_NAME]: stage, [ATTR_ERROR_TYPE]: errorType(error) });
      await publishEvent(messaging, {
        ...{ job: delivered.job, stage, taskId: delivered.taskId, outcome: 'failed' },
        payload: eventOf(task, {
          $case: 'failed',
          value: { error: status, deadLettered: true, attempts },
        }),
        eventId: `${delivered.taskId}/failed`,
      });
      return deadLetter(task, status, delivered, workerName);
    },
  });
}

/** States of a job in which its tasks are not worked on: one may have been queued while it was stopped. */
const STOPPED = ['cancelling', 'cancelled', 'failed'];

async function isStopped(jobs: JobStore, job: string): Promise<boolean> {
  const found = await jobs.get(job);
  if (found === undefined) return false;
  const { state } = JSON.parse(Buffer.from(found.value).toString('utf8')) as { state: string };
  return STOPPED.includes(state);
}

/** Also what we do not know: it may be a passing trouble, and the number of attempts is limited. */
function isRetryable(error: unknown): boolean {
  const { kind, retryable } = AvdError.from(error);
  return retryable || kind === 'internal';
}

function progressReporter(
  messaging: Messaging,
  { job, taskId, step, index }: stageV1.StageTask,
): (progress: Progress) => void {
  let nextMs = 0;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs < nextMs && progress.done < progress.total) return;
    nextMs = nowMs + PROGRESS_EVERY_MS;
    const message = { job, taskId, step, index, progress: { ...progress } };
    publishProgress(messaging, job, stageV1.TaskProgress.encode(message).finish());
  };
}

function deadLetter(
  task: stageV1.StageTask,
  error: ReturnType<typeof toStatus>,
  { attempt }: Task,
  worker: string,
): Uint8Array {
  let traceParent = '';
  injectTraceContext((key, value) => {
    if (key === 'traceparent') traceParent = value;
  });
  return stageV1.DeadLetter.encode({
    ...{ task, error, attempts: attempt, time: new Date(), worker, traceParent },
  }).finish();
}
