import { googleRpc, stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import {
  broadcastCancel,
  consumeEvents,
  publishTask,
  purgeJobTasks,
  queueState,
  TASK_STAGES,
  watchExhausted,
  type ChunkStore,
  type Messaging,
  type StageEvent,
  type TaskStage,
} from '@avd/messaging';
import { fromStatus, toStatus } from '@avd/rpc';
import { readySteps } from '@avd/pipeline';
import type { Artifacts } from '@avd/stage-host';
import type { Logger } from '@avd/telemetry';
import { trace, context } from '@opentelemetry/api';
import { graphOf, stageOf } from './job-graph.js';
import type { JobControl } from './job-control.js';
import { isFinal, type JobError, type JobRecord, type JobStep } from './job-record.js';
import { inStepTrace, recordJob, recordStep } from './job-spans.js';
import type { Jobs, StoredJob } from './jobs.js';
import { KnownJobs } from './known-jobs.js';
import { freePlaces, type SchedulerLimits } from './scheduler.js';
import { TaskInputReader } from './task-inputs.js';
import { jobTaskId, taskMessage } from './task-messages.js';
import { readTaskResult } from './task-result.js';
import {
  beginCancel,
  completeTask,
  failJob,
  failTask,
  finishCancel,
  startNext,
  type JobTask,
  type TaskResult,
} from './transitions.js';

export interface EngineOptions extends SchedulerLimits {
  readonly messaging: Messaging;
  readonly jobs: Jobs;
  readonly chunks: ChunkStore;
  readonly artifacts: Artifacts;
  readonly logger: Logger;
  readonly taskTimeoutSec: number;
  /** How long a job and its results are kept after its end. */
  readonly jobTtlSec: number;
  /** How often the jobs of all engines are looked through. @default 2000 */
  readonly sweepEveryMs?: number;
  /** A job that has not changed for so long may have lost a task: it is sent again. @default 10000 */
  readonly stallMs?: number;
}

const SWEEP_EVERY_MS = 2_000;
const STALL_MS = 10_000;

/**
 * Drives all jobs: hears how tasks end, changes the job's record by compare-and-swap, puts the next tasks into the
 * queues. What is in memory is a copy: any number of engines may run and any may die at any moment. A record says that a
 * task is in flight before its message is sent, and the message is sent again while nothing is heard of it; the queue
 * and the workers do nothing twice.
 */
export class JobEngine implements JobControl, AsyncDisposable {
  readonly #options: EngineOptions;
  readonly #inputs: TaskInputReader;
  readonly #known: KnownJobs;
  /** When tasks of a job were sent again last, ms. */
  readonly #resentMs = new Map<string, number>();
  readonly #closing = new AbortController();
  readonly #services: AsyncDisposable[] = [];
  #pass: Promise<void> | undefined;
  #isPassWanted = false;
  #sweepTimer: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#inputs = new TaskInputReader(options.chunks, options.artifacts);
    this.#known = new KnownJobs(options, options.jobTtlSec);
  }

  /** Takes up the jobs that are there and begins to hear events. */
  async open(): Promise<void> {
    const { messaging } = this.#options;
    await this.#refresh();
    this.#services.push(
      consumeEvents(messaging, (event) => this.#onEvent(event)),
      watchExhausted(messaging, async ({ job, taskId, payload }) => {
        const error = new AvdError(
          'internal',
          'TASK_EXHAUSTED',
          `The task ${taskId} was given to several workers and none of them ended it.`,
        );
        const task = stageV1.StageTask.decode(payload);
        await unlessRemoved(() => this.#failTask(job, task, toStatus(error)));
      }),
    );
    this.#sweepLater();
    this.#wantPass();
  }

  async start(record: JobRecord): Promise<StoredJob | undefined> {
    const span = trace.getSpanContext(context.active());
    const createSpan = span && { traceId: span.traceId, spanId: span.spanId };
    const stored = await this.#options.jobs.create({
      ...record,
      ...(createSpan && { createSpan }),
    });
    if (stored === undefined) return undefined;
    this.#known.see(stored);
    this.#wantPass();
    return stored;
  }

  async cancel(id: string): Promise<StoredJob> {
    const stored = await this.#change(id, beginCancel);
    return stored.record.state === 'cancelling' ? this.#stopWork(id) : stored;
  }

  async remove(id: string): Promise<void> {
    await this.cancel(id);
    await this.#options.chunks.deleteJob(id);
    await this.#options.jobs.delete(id);
    this.#forget(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#sweepTimer);
    await Promise.all(this.#services.map((service) => service[Symbol.asyncDispose]()));
    await this.#pass;
  }

  async #onEvent(event: StageEvent): Promise<void> {
    const told = stageV1.TaskEvent.decode(event.payload);
    if (told.outcome === undefined) return;
    const { outcome, job } = told;
    await unlessRemoved(() =>
      outcome.$case === 'failed'
        ? this.#failTask(job, told, outcome.value.error)
        : this.#complete(job, told, outcome.value),
    );
    this.#wantPass();
  }

  async #complete(job: string, told: ToldTask, completed: stageV1.TaskCompleted): Promise<void> {
    const task = taskOf(told);
    let result: TaskResult;
    try {
      result = await readTaskResult(task.step, completed, this.#options.artifacts);
    } catch (error) {
      const known = AvdError.from(error);
      if (known.retryable) throw error;
      return this.#failTask(job, told, toStatus(known));
    }
    let wasOpen = false;
    const stored = await this.#change(job, (record) => {
      const changed = isOf(record, told) ? completeTask(record, task, result, nowText()) : record;
      wasOpen = changed !== record;
      return changed;
    });
    if (!wasOpen) return;
    recordStep(stored.record, task.step);
    if (isFinal(stored.record)) this.#onEnd(stored.record);
  }

  #failTask(job: string, told: ToldTask, status: googleRpc.Status | undefined): Promise<void> {
    const error = toJobError(status);
    return this.#end(job, (record) =>
      isOf(record, told) ? failTask(record, taskOf(told), error, nowText()) : record,
    );
  }

  /** Stops the work of a job that a change ends. */
  async #end(job: string, change: (record: JobRecord) => JobRecord): Promise<void> {
    let hasEnded = false;
    const stored = await this.#change(job, (record) => {
      const changed = change(record);
      hasEnded = changed !== record;
      return changed;
    });
    if (hasEnded) this.#onEnd(stored.record);
    // Also when told twice: the first time may have ended before its work was stopped.
    if (isFinal(stored.record)) await this.#stopTasks(job);
  }

  async #stopWork(id: string): Promise<StoredJob> {
    await this.#stopTasks(id);
    let hasEnded = false;
    const stored = await this.#change(id, (record) => {
      const changed = finishCancel(record, nowText());
      hasEnded = changed !== record;
      return changed;
    });
    if (hasEnded) this.#onEnd(stored.record);
    return stored;
  }

  async #stopTasks(job: string): Promise<void> {
    const { messaging } = this.#options;
    await purgeJobTasks(messaging, job);
    await broadcastCancel(messaging, job);
  }

  #onEnd(record: JobRecord): void {
    const { id, state, error } = record;
    recordJob(record);
    this.#resentMs.delete(id);
    this.#options.logger.info('a job has ended', { job: id, state, reason: error?.reason });
    this.#wantPass();
  }

  /** Fills the queues, one pass at a time. */
  #wantPass(): void {
    this.#isPassWanted = true;
    this.#pass ??= this.#runPasses().finally(() => (this.#pass = undefined));
  }

  async #runPasses(): Promise<void> {
    while (this.#isPassWanted && !this.#closing.signal.aborted) {
      this.#isPassWanted = false;
      const filled = await Promise.allSettled(TASK_STAGES.map((stage) => this.#fill(stage)));
      for (const result of filled) {
        if (result.status === 'fulfilled') continue;
        this.#options.logger.warn('a queue could not be filled; it is tried again', {
          error: String(result.reason),
        });
      }
    }
  }

  async #fill(stage: TaskStage): Promise<void> {
    if (this.#known.queue.next(stage) === undefined) return;
    let places = freePlaces(await queueState(this.#options.messaging, stage));
    for (; places > 0 && !this.#closing.signal.aborted; places--) {
      const next = this.#known.queue.next(stage);
      if (next === undefined) return;
      const isThere = await unlessRemoved(() => this.#startTask(next.job, next.step));
      if (!isThere) this.#forget(next.job);
    }
  }

  async #startTask(job: string, step: JobStep): Promise<void> {
    let task: JobTask | undefined;
    const stored = await this.#change(job, (record) => {
      task = undefined;
      const isReady = readySteps(graphOf(record), record.progress).some(
        (ready) => ready.step === step,
      );
      if (!isReady || isFinal(record) || record.state === 'cancelling') return record;
      const started = startNext(record, step, nowText());
      task = started.task;
      return started.record;
    });
    if (task !== undefined) await this.#publish(stored.record, task);
  }

  /** Sends a task; where that cannot be done now it is sent again later, where it never can the job fails. */
  async #publish(record: JobRecord, task: JobTask): Promise<void> {
    const { messaging, taskTimeoutSec, logger } = this.#options;
    const job = record.id;
    const taskId = jobTaskId(record, task);
    try {
      const inputs = await this.#inputs.read(record, task);
      const payload = taskMessage(record, task, inputs, { timeoutSec: taskTimeoutSec });
      await inStepTrace(job, task.step, () =>
        publishTask(messaging, { stage: stageOf(task.step), job, taskId, payload }),
      );
    } catch (error) {
      const known = AvdError.from(error);
      logger.warn('a task could not be sent', { job, taskId, reason: known.reason });
      if (!known.retryable) await this.#end(job, (now) => failSending(now, record, known));
      return;
    }
    await this.#stopIfEnded(job);
  }

  /** A job may be stopped while one of its tasks is on the way. */
  async #stopIfEnded(job: string): Promise<void> {
    if (this.#known.isRunning(job)) return;
    const now = (await this.#options.jobs.get(job))?.record;
    if (now === undefined || isFinal(now) || now.state === 'cancelling') await this.#stopTasks(job);
  }

  #sweepLater(): void {
    if (this.#closing.signal.aborted) return;
    this.#sweepTimer = setTimeout(() => {
      void this.#sweep()
        .catch((error: unknown) =>
          this.#options.logger.warn('jobs could not be looked through', { error: String(error) }),
        )
        .finally(() => this.#sweepLater());
    }, this.#options.sweepEveryMs ?? SWEEP_EVERY_MS);
  }

  /** Takes up what other engines left behind, and what was lost between two writes. */
  async #sweep(): Promise<void> {
    await this.#refresh();
    for (const record of this.#known.open()) {
      if (this.#closing.signal.aborted) return;
      const heardMs = Math.max(Date.parse(record.updateTime), this.#resentMs.get(record.id) ?? 0);
      if (Date.now() - heardMs < (this.#options.stallMs ?? STALL_MS)) continue;
      this.#resentMs.set(record.id, Date.now());
      if (record.state === 'cancelling') await unlessRemoved(() => this.#stopWork(record.id));
      else for (const task of record.progress.inFlight) await this.#publish(record, task);
    }
    this.#wantPass();
  }

  async #refresh(): Promise<void> {
    await this.#known.refresh(this.#options.jobs);
    for (const id of this.#known.expired()) await unlessRemoved(() => this.#expire(id));
  }

  async #expire(id: string): Promise<void> {
    // Under this id there may be a new job meanwhile.
    this.#known.see(await this.#options.jobs.need(id));
    if (this.#known.isExpired(id)) await this.remove(id);
  }

  #forget(id: string): void {
    this.#known.forget(id);
    this.#resentMs.delete(id);
  }

  async #change(id: string, change: (record: JobRecord) => JobRecord): Promise<StoredJob> {
    const stored = await this.#options.jobs.update(id, change);
    this.#known.see(stored);
    return stored;
  }
}

/** A task as messages tell of it. */
type ToldTask = Pick<stageV1.TaskEvent, 'taskId' | 'step' | 'index'>;

function taskOf({ step, index }: ToldTask): JobTask {
  return { step: step as JobStep, index };
}

/** Not of a removed job that had the same id. */
function isOf(record: JobRecord, told: ToldTask): boolean {
  return told.taskId === jobTaskId(record, taskOf(told));
}

function failSending(record: JobRecord, sent: JobRecord, error: AvdError): JobRecord {
  if (record.createTime !== sent.createTime) return record;
  return failJob(record, toJobError(toStatus(error)), nowText());
}

/** @returns false when the job was removed meanwhile */
async function unlessRemoved(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (AvdError.from(error).reason === 'JOB_NOT_FOUND') return false;
    throw error;
  }
}

function toJobError(status: googleRpc.Status | undefined): JobError {
  const known = status ?? toStatus(new AvdError('internal', 'INTERNAL', 'A task failed.'));
  const { reason, message } = fromStatus(known);
  const bytes = googleRpc.Status.encode(known).finish();
  return { reason, message, status: Buffer.from(bytes).toString('base64') };
}

function nowText(): string {
  return new Date().toISOString();
}
