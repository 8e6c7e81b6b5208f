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
import { freePlaces, nextCandidate, type SchedulerLimits } from './scheduler.js';
import { TaskInputReader } from './task-inputs.js';
import { jobTaskId, taskMessage } from './task-messages.js';
import { readTaskResult } from './task-result.js';
import {
  beginCancel,
  completeTask,
  failJob,
  finishCancel,
  startNext,
  type JobTask,
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
}

const SWEEP_EVERY_MS = 2_000;
/** A job that has not changed for so long may have lost a task to a crash between two writes: it is queued again. */
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
  /** Jobs that have not ended, as last seen. */
  readonly #open = new Map<string, StoredJob>();
  /** Jobs that have ended, and when they are to be removed. */
  readonly #ended = new Map<string, number>();
  readonly #closing = new AbortController();
  readonly #services: AsyncDisposable[] = [];
  #pass: Promise<void> | undefined;
  #isPassWanted = false;
  #sweepTimer: NodeJS.Timeout | undefined;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#inputs = new TaskInputReader(options.chunks, options.artifacts);
  }

  /** Takes up the jobs that are there and begins to hear events. */
  async open(): Promise<void> {
    const { messaging } = this.#options;
    await this.#refresh();
    this.#services.push(
      consumeEvents(messaging, (event) => this.#onEvent(event)),
      watchExhausted(messaging, async ({ job, taskId }) => {
        const error = new AvdError(
          'internal',
          'TASK_EXHAUSTED',
          `The task ${taskId} was given to several workers and none of them ended it.`,
        );
        await this.#fail(job, toStatus(error));
      }),
    );
    this.#sweepLater();
    this.#wantPass();
  }

  async start(record: JobRecord): Promise<StoredJob | undefined> {
    const span = trace.getSpanContext(context.active());
    const createSpan = span && { traceId: span.traceId, spanId: span.spanId };
    const stored = await this.#options.jobs.create({ ...record, ...(createSpan && { createSpan }) });
    if (stored === undefined) return undefined;
    this.#see(stored);
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
    this.#open.delete(id);
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
    try {
      if (told.outcome.$case === 'failed') await this.#fail(told.job, told.outcome.value.error);
      else await this.#complete(told.job, taskOf(told), told.outcome.value);
    } catch (error) {
      if (AvdError.from(error).reason !== 'JOB_NOT_FOUND') throw error; // removed meanwhile
    }
    this.#wantPass();
  }

  async #complete(job: string, task: JobTask, completed: stageV1.TaskCompleted): Promise<void> {
    const result = await readTaskResult(task.step, completed, this.#options.artifacts);
    let wasOpen = false;
    const stored = await this.#change(job, (record) => {
      const changed = completeTask(record, task, result, nowText());
      wasOpen = changed !== record;
      return changed;
    });
    if (!wasOpen) return;
    recordStep(stored.record, task.step);
    if (isFinal(stored.record)) await this.#onEnd(stored.record);
  }

  async #fail(job: string, status: googleRpc.Status | undefined): Promise<void> {
    const error = toJobError(status);
    let hasFailed = false;
    const stored = await this.#change(job, (record) => {
      const changed = failJob(record, error, nowText());
      hasFailed = changed !== record;
      return changed;
    });
    if (!hasFailed) return;
    await this.#stopTasks(job);
    await this.#onEnd(stored.record);
  }

  async #stopWork(id: string): Promise<StoredJob> {
    await this.#stopTasks(id);
    let hasEnded = false;
    const stored = await this.#change(id, (record) => {
      const changed = finishCancel(record, nowText());
      hasEnded = changed !== record;
      return changed;
    });
    if (hasEnded) await this.#onEnd(stored.record);
    return stored;
  }

  async #stopTasks(job: string): Promise<void> {
    const { messaging } = this.#options;
    await purgeJobTasks(messaging, job);
    broadcastCancel(messaging, job);
  }

  async #onEnd(record: JobRecord): Promise<void> {
    const { id, state, error } = record;
    recordJob(record);
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
      try {
        await Promise.all(TASK_STAGES.map((stage) => this.#fill(stage)));
      } catch (error) {
        this.#options.logger.warn('queues could not be filled; it is tried again', {
          error: String(error),
        });
      }
    }
  }

  async #fill(stage: TaskStage): Promise<void> {
    const { messaging } = this.#options;
    if (this.#next(stage) === undefined) return;
    let places = freePlaces(await queueState(messaging, stage));
    for (; places > 0 && !this.#closing.signal.aborted; places--) {
      const next = this.#next(stage);
      if (next === undefined) return;
      await this.#startTask(next.job, next.step);
    }
  }

  #next(stage: TaskStage): ReturnType<typeof nextCandidate> {
    const records = [...this.#open.values()].map(({ record }) => record);
    return nextCandidate(records, stage, this.#options);
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

  async #publish(record: JobRecord, task: JobTask): Promise<void> {
    const { messaging, taskTimeoutSec } = this.#options;
    const inputs = await this.#inputs.read(record, task);
    const payload = taskMessage(record, task, inputs, { timeoutSec: taskTimeoutSec });
    const taskId = jobTaskId(record.id, task);
    const stage = stageOf(task.step);
    // A job may be removed and made again under its id: its tasks are others then.
    const dedupeId = `${taskId}/${record.createTime}`;
    await inStepTrace(record.id, task.step, () =>
      publishTask(messaging, { stage, job: record.id, taskId, payload, dedupeId }),
    );
  }

  #sweepLater(): void {
    if (this.#closing.signal.aborted) return;
    this.#sweepTimer = setTimeout(() => {
      void this.#sweep()
        .catch((error: unknown) =>
          this.#options.logger.warn('jobs could not be looked through', { error: String(error) }),
        )
        .finally(() => this.#sweepLater());
    }, SWEEP_EVERY_MS);
  }

  /** Takes up what other engines left behind, and what was lost between two writes. */
  async #sweep(): Promise<void> {
    await this.#refresh();
    for (const { record } of [...this.#open.values()]) {
      if (this.#closing.signal.aborted) return;
      if (Date.now() - Date.parse(record.updateTime) < STALL_MS) continue;
      if (record.state === 'cancelling') await this.#stopWork(record.id);
      else for (const task of record.progress.inFlight) await this.#publish(record, task);
    }
    this.#wantPass();
  }

  async #refresh(): Promise<void> {
    const { jobs } = this.#options;
    const ids = await jobs.ids();
    for (const id of this.#open.keys()) if (!ids.includes(id)) this.#open.delete(id);
    for (const id of ids) {
      if (this.#ended.has(id)) continue;
      const stored = await jobs.get(id);
      if (stored !== undefined) this.#see(stored);
    }
    for (const [id, expireMs] of this.#ended) {
      if (!ids.includes(id)) this.#ended.delete(id);
      else if (Date.now() > expireMs) await this.remove(id);
    }
  }

  #see(stored: StoredJob): void {
    const { record } = stored;
    if (!isFinal(record)) {
      const known = this.#open.get(record.id);
      if (known === undefined || known.revision < stored.revision) this.#open.set(record.id, stored);
      this.#ended.delete(record.id);
      return;
    }
    this.#open.delete(record.id);
    const expireMs =
      record.expireTime === undefined
        ? Date.parse(record.endTime!) + this.#options.jobTtlSec * 1000
        : Date.parse(record.expireTime);
    this.#ended.set(record.id, expireMs);
  }

  async #change(id: string, change: (record: JobRecord) => JobRecord): Promise<StoredJob> {
    const stored = await this.#options.jobs.update(id, change);
    this.#see(stored);
    return stored;
  }
}

function taskOf({ step, index }: stageV1.TaskEvent): JobTask {
  return { step: step as JobStep, index };
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
