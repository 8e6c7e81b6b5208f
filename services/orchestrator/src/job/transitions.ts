import type { stageV1 } from '@avd/contracts';
import { finishTask, isStepDone, startTask, type PlanState, type TaskRef } from '@avd/pipeline';
import type { BlobRef } from '@avd/stage-kit';
import { graphOf } from './job-graph.js';
import { isFinal, type JobError, type JobRecord, type JobStep } from './job-record.js';

/** The states of a job as pure functions: they return the same record where nothing changes. Times are ISO 8601. */

export type JobTask = TaskRef<JobStep>;

/** Hands out the next task of a ready step. */
export function startNext(
  record: JobRecord,
  step: JobStep,
  now: string,
): { readonly record: JobRecord; readonly task: JobTask } {
  const { state: progress, task } = startTask<JobStep>(record.progress, step);
  const known = record.steps[step] ?? { reusedCount: 0, startTime: now };
  return {
    task,
    record: {
      ...record,
      state: 'running',
      startTime: record.startTime ?? now,
      progress,
      steps: { ...record.steps, [step]: known },
    },
  };
}

/** What a finished task brought, besides its result in the blob store. */
export interface TaskResult {
  readonly execution: stageV1.ExecutionInfo | undefined;
  /** Of `prepareMedia`. */
  readonly prepared?: { readonly media: stageV1.MediaRef; readonly notices: readonly string[] };
  /** Of `assembleResult`. */
  readonly files?: Readonly<Record<string, BlobRef>>;
}

/** Takes a finished task down; the job succeeds with its last one. */
export function completeTask(
  record: JobRecord,
  task: JobTask,
  result: TaskResult,
  now: string,
): JobRecord {
  if (record.state !== 'running') return record;
  const progress: PlanState<JobStep> = finishTask(record.progress, task);
  if (progress === record.progress) return record;
  const { execution, prepared, files } = result;
  const step = record.steps[task.step] ?? { reusedCount: 0, startTime: now };
  const changed: JobRecord = {
    ...record,
    progress,
    ...(prepared && { media: prepared.media, notices: prepared.notices }),
    ...(files && { files }),
    models: addModels(record.models, execution?.models ?? []),
  };
  const isDone = isStepDone(graphOf(changed), progress, task.step);
  const withStep: JobRecord = {
    ...changed,
    steps: {
      ...changed.steps,
      [task.step]: {
        ...step,
        reusedCount: step.reusedCount + (execution?.reused === true ? 1 : 0),
        ...(isDone && { endTime: now }),
      },
    },
  };
  return files === undefined ? withStep : { ...withStep, state: 'succeeded', endTime: now };
}

/** Whether the job waits for this task: what is told of any other changes nothing. */
export function isInFlight({ progress }: JobRecord, { step, index }: JobTask): boolean {
  return progress.inFlight.some((task) => task.step === step && task.index === index);
}

/** A task has failed for good, and its job with it. */
export function failTask(
  record: JobRecord,
  task: JobTask,
  error: JobError,
  now: string,
): JobRecord {
  return isInFlight(record, task) ? failJob(record, error, now) : record;
}

export function failJob(record: JobRecord, error: JobError, now: string): JobRecord {
  if (isFinal(record)) return record;
  if (record.state === 'cancelling') return finishCancel(record, now);
  return { ...withoutWork(record), state: 'failed', error, endTime: now };
}

export function beginCancel(record: JobRecord): JobRecord {
  if (isFinal(record) || record.state === 'cancelling') return record;
  return { ...withoutWork(record), state: 'cancelling' };
}

export function finishCancel(record: JobRecord, now: string): JobRecord {
  if (record.state !== 'cancelling') return record;
  return { ...record, state: 'cancelled', endTime: now };
}

function withoutWork(record: JobRecord): JobRecord {
  return { ...record, progress: { ...record.progress, inFlight: [] } };
}

function addModels(
  known: JobRecord['models'],
  used: readonly stageV1.ModelInfo[],
): JobRecord['models'] {
  const added = used.filter(({ name }) => !known.some((model) => model.name === name));
  if (added.length === 0) return known;
  return [...known, ...added].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
