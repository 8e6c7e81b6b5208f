import { AvdError } from '@avd/domain';
import { natsOf } from './connection.js';
import type { Messaging, NatsMessaging } from './connection.js';
import { publishDead, reasonOf } from './dead-letters.js';
import { pause, taskRetryDelayMs } from './delays.js';
import { pullLoop } from './pull-loop.js';
import type { HeldDelivery } from './pull-loop.js';
import { TASK_ID_HEADER } from './publish.js';
import { taskTemplate } from './tasks.js';
import { cancelSubject, MAX_ATTEMPTS, TASK_STREAM, taskConsumer } from './topology.js';
import type { TaskStage } from './topology.js';
import { markFailed, withProcessSpan, workerMetrics } from './tracing.js';
import type { AttemptOutcome, WorkerMetrics } from './tracing.js';

const DEFAULT_GRACE_MS = 25_000;
/** Time for handlers to notice that their signal was aborted, before their tasks are handed back. */
const ABORT_GRACE_MS = 1000;
const HAND_BACK_LIMIT_MS = 3000;
const JOB_CANCELLED = 'JOB_CANCELLED';
const WORKER_STOPPING = 'WORKER_STOPPING';

export interface Task {
  readonly stage: TaskStage;
  readonly job: string;
  readonly taskId: string;
  readonly payload: Uint8Array;
  /** From 1. A hand-over at shutdown counts as an attempt too. */
  readonly attempt: number;
  /** An error now makes a dead letter whatever its kind. */
  readonly isLastAttempt: boolean;
  /** Since the queue stored it, by two clocks: 0 where they disagree. */
  readonly enqueuedAgoSec: number;
}

export interface WorkTasksOptions {
  /** Tasks run at once. */
  readonly slots: number;
  /**
   * Does the work; resolving acknowledges the task. Must be safe to repeat.
   * @param signal aborts when the job is cancelled (see `isJobCancelled`) or the worker has to stop
   */
  handle(task: Task, signal: AbortSignal): Promise<void>;
  /** Tells the world (a `failed` event) and makes the payload of the dead letter; may be called again for the same task. */
  onDead(task: Task, error: unknown): Uint8Array | Promise<Uint8Array>;
  /** @default the `retryable` of the AvdError; other errors are not */
  isRetryable?(error: unknown): boolean;
  /** @default 5 */
  readonly maxAttempts?: number;
  /** @default exponential from 1 s to 5 min, see taskRetryDelayMs */
  retryDelayMs?(attempt: number, taskId: string): number;
  /** Asked before a task starts: tasks of a cancelled job are acknowledged without work. */
  isCancelled?(job: string): boolean | Promise<boolean>;
  /** Aborting it stops the worker as `stop()` does. */
  readonly signal?: AbortSignal;
}

export interface TaskWorker extends AsyncDisposable {
  /** Slots that run a task now. */
  readonly busySlots: number;
  /**
   * Stops pulling, lets running tasks end for up to graceMs, then aborts their signals and hands the
   * unfinished back to the queue for another worker.
   * @param options.graceMs @default 25000
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

interface RunningTask {
  readonly job: string;
  readonly abort: AbortController;
  readonly delivery: HeldDelivery;
}

/** Whether a task's signal was aborted because its job was cancelled (and not for a shutdown). */
export function isJobCancelled(abortReason: unknown): boolean {
  return abortReason instanceof AvdError && abortReason.reason === JOB_CANCELLED;
}

/**
 * Works on the queue of a stage until stopped: exactly one pull per free slot, heartbeats while a task
 * runs, retries with growing delays, dead letters in the end. It may start before the queue exists.
 */
export function workTasks(
  messaging: Messaging,
  stage: TaskStage,
  options: WorkTasksOptions,
): TaskWorker {
  const nats = natsOf(messaging);
  const running = new Set<RunningTask>();
  const stopping = new AbortController();
  const metrics = workerMetrics(stage);

  const cancels = nats.nc.subscribe(cancelSubject('*'), {
    callback: (error, message) => {
      if (error !== null) return;
      const job = message.subject.slice(cancelSubject('').length);
      for (const task of running) {
        if (task.job === job) task.abort.abort(jobCancelledError(job));
      }
    },
  });

  const pulling = pullLoop(nats, {
    stream: TASK_STREAM,
    consumer: taskConsumer(stage),
    slots: options.slots,
    signal: stopping.signal,
    handle: async (delivery) => {
      const job = delivery.subject.split('.').at(-1) ?? '';
      const entry = { job, abort: new AbortController(), delivery };
      running.add(entry);
      metrics.busySlots(running.size);
      try {
        await runTask(nats, stage, options, metrics, entry);
      } catch (error) {
        // Nothing was decided: the task comes again when its ack_wait is over.
        nats.logger.warn('a task could not be ended', { stage, job, error: String(error) });
        await delivery.settle({ kind: 'nak', delayMs: 1000 });
      } finally {
        running.delete(entry);
        metrics.busySlots(running.size);
      }
    },
  });

  const stop = async (graceMs: number): Promise<void> => {
    stopping.abort();
    await within(pulling, graceMs);
    for (const task of running) task.abort.abort(stoppingError());
    if (running.size > 0) await within(pulling, ABORT_GRACE_MS);
    await Promise.all(
      [...running].map((task) =>
        task.delivery.settle({ kind: 'nak', delayMs: 0 }, HAND_BACK_LIMIT_MS),
      ),
    );
    if (!cancels.isClosed() && nats.isOpen) cancels.unsubscribe();
  };
  let stopped: Promise<void> | undefined;
  const worker: TaskWorker = {
    get busySlots() {
      return running.size;
    },
    stop: ({ graceMs = DEFAULT_GRACE_MS } = {}) => (stopped ??= stop(graceMs)),
    [Symbol.asyncDispose]: () => worker.stop(),
  };
  const stopOnSignal = (): void => void worker.stop();
  if (options.signal?.aborted === true) stopOnSignal();
  else options.signal?.addEventListener('abort', stopOnSignal, { once: true });
  return worker;
}

async function runTask(
  nats: NatsMessaging,
  stage: TaskStage,
  options: WorkTasksOptions,
  metrics: WorkerMetrics,
  { job, abort, delivery }: RunningTask,
): Promise<void> {
  const { deliveryCount: attempt, headers } = delivery;
  const taskId = headers?.get(TASK_ID_HEADER) ?? '';
  const task: Task = {
    stage,
    job,
    taskId,
    payload: delivery.payload,
    attempt,
    isLastAttempt: attempt >= (options.maxAttempts ?? MAX_ATTEMPTS),
    enqueuedAgoSec: Math.max(0, (Date.now() - delivery.storedAtMs) / 1000),
  };
  if (attempt === 1) metrics.queueWait(task.enqueuedAgoSec);
  const facts = {
    template: taskTemplate(stage),
    messageId: taskId,
    job,
    stage,
    consumerGroup: taskConsumer(stage),
    attempt,
  };
  await withProcessSpan(facts, headers, async (span) => {
    let outcome: AttemptOutcome;
    try {
      if ((await options.isCancelled?.(job)) === true) abort.abort(jobCancelledError(job));
      abort.signal.throwIfAborted();
      await options.handle(task, abort.signal);
      outcome = 'ok';
      await delivery.settle({ kind: 'ack' });
    } catch (error) {
      outcome = await settleFailed(nats, options, task, delivery, abort.signal, error);
      if (outcome === 'retried' || outcome === 'failed') markFailed(span, error);
    }
    span.setAttribute('avd.outcome', outcome);
    metrics.attemptEnded(outcome);
  });
}

/** Decides what becomes of a task whose handler threw, and settles it. @returns the outcome, for telemetry */
async function settleFailed(
  nats: NatsMessaging,
  options: WorkTasksOptions,
  task: Task,
  delivery: HeldDelivery,
  signal: AbortSignal,
  error: unknown,
): Promise<AttemptOutcome> {
  if (isJobCancelled(signal.reason)) {
    await delivery.settle({ kind: 'ack' });
    return 'cancelled';
  }
  if (signal.aborted) {
    await delivery.settle({ kind: 'nak', delayMs: 0 });
    return 'handed_back';
  }
  const { stage, job, taskId, attempt } = task;
  const isRetryable = options.isRetryable?.(error) ?? AvdError.from(error).retryable;
  const fields = { stage, job, taskId, attempt, reason: reasonOf(error), error: String(error) };
  if (isRetryable && !task.isLastAttempt) {
    const delayMs = options.retryDelayMs?.(attempt, taskId) ?? taskRetryDelayMs(attempt, taskId);
    nats.logger.warn('a task failed and will be tried again', { ...fields, delayMs });
    await delivery.settle({ kind: 'nak', delayMs });
    return 'retried';
  }
  nats.logger.warn('a task failed for good', fields);
  await publishDead(nats, {
    stage,
    job,
    taskId,
    attempts: attempt,
    sequence: delivery.sequence,
    source: 'worker',
    reason: fields.reason,
    payload: await options.onDead(task, error),
    taskHeaders: delivery.headers,
  });
  await delivery.settle({ kind: 'term' });
  return 'failed';
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  const limit = new AbortController();
  await Promise.race([work, pause(limitMs, limit.signal)]);
  limit.abort();
}

function jobCancelledError(job: string): AvdError {
  return new AvdError('cancelled', JOB_CANCELLED, `The job ${job} was cancelled.`);
}

function stoppingError(): AvdError {
  return new AvdError(
    'cancelled',
    WORKER_STOPPING,
    'The worker stops; another one takes the task.',
  );
}
