import { SAMPLES_PER_FRAME } from '@avd/domain';
import { runInProcess } from './run-in-process.js';
import {
  chunkRange,
  planVideo,
  soundRange,
  taskId,
  type Plan,
  type PlannedStep,
  type StepName,
  type TaskRef,
} from './plan.js';
import { resultKey } from './result-key.js';
import type { DiarizeSettings } from './settings.js';
import type { MediaReader, ModelPool, Progress, ResultStore } from '@avd/stage-kit';
import { requiredModels, stepTable } from './steps/step-table.js';
import type { StepResults } from './steps/step.js';

/** What a running job tells its caller. */
export type StepEvent =
  | {
      readonly type: 'progress';
      readonly step: StepName;
      readonly done: number;
      readonly total: number;
      readonly unit: string;
    }
  | {
      readonly type: 'step';
      readonly step: StepName;
      readonly tasks: number;
      readonly reused: number;
      readonly elapsedSec: number;
    };

export interface VideoJob {
  readonly media: MediaReader;
  /** SHA-256 of the media file: results are kept under it. */
  readonly mediaDigest: string;
  readonly models: ModelPool;
  readonly store: ResultStore;
  readonly settings: DiarizeSettings;
  readonly chunkFrames: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent) => void;
}

/**
 * Runs every step of one video in this process.
 * @returns all results by step and piece
 * @throws AvdError kind `model` before any work is done when a network is not there
 */
export async function runVideoJob(job: VideoJob): Promise<StepResults> {
  const { info } = job.media;
  const plan = planVideo({
    frameCount: info.video?.frameCount ?? 0,
    sampleCount: info.audio?.sampleCount ?? 0,
    chunkFrames: job.chunkFrames,
    settings: job.settings,
  });
  const digests = await loadModels(plan, job);
  const results: StepResults = {};
  const keys = taskKeys(plan, job, digests);
  const tally = new StepTally(plan, job.onEvent);
  const execute = async (task: TaskRef, signal: AbortSignal): Promise<void> => {
    const key = keys.get(taskId(task))!;
    tally.started(task);
    const kept = await job.store.get(key);
    const output =
      kept ??
      (await stepTable[task.step].run(
        { plan, task, results, info, settings: job.settings },
        {
          signal,
          media: job.media,
          models: job.models,
          report: (progress) => tally.report(task, progress),
        },
      ));
    if (kept === undefined) await job.store.put(key, output);
    const outputs = (results[task.step] ??= []) as unknown[];
    outputs[task.index] = output;
    tally.finished(task, kept !== undefined);
  };
  await runInProcess(plan, execute, { concurrency: job.concurrency, signal: job.signal });
  return results;
}

/** Loads every network, so that a missing one is known at once. @returns SHA-256 of the weights by name */
async function loadModels(
  plan: Plan,
  { models, settings }: VideoJob,
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const name of requiredModels(plan, settings)) {
    digests.set(name, (await models.load(name)).sha256);
  }
  return digests;
}

/** Key of every task's result: all that decides it, through the keys of the tasks it needs. */
function taskKeys(
  plan: Plan,
  { mediaDigest, settings }: VideoJob,
  digests: ReadonlyMap<string, string>,
): Map<string, string> {
  const keys = new Map<string, string>();
  for (const planned of plan.steps) {
    const { step, count, needs } = planned;
    const definition = stepTable[step];
    const upstream = needs.flatMap((need) =>
      Array.from({ length: plan.steps.find((other) => other.step === need)!.count }, (_, index) =>
        keys.get(taskId({ step: need, index })),
      ),
    );
    const common = resultKey({
      versions: definition.stages(settings).map(({ name, version }) => ({ name, version })),
      models: definition.models(settings).map((name) => [name, digests.get(name)]),
      params: definition.params(settings),
      mediaDigest,
      upstream,
    });
    for (let index = 0; index < count; index++) {
      keys.set(
        taskId({ step, index }),
        resultKey({ common, piece: pieceOf(plan, planned, index) }),
      );
    }
  }
  return keys;
}

/** What the index-th task of a step works on. */
function pieceOf(plan: Plan, { pieces }: PlannedStep, index: number): object {
  if (pieces === 'picture') return chunkRange(plan, index);
  return pieces === 'sound' ? soundRange(plan, index) : {};
}

/** Adds the progress of a step's tasks up and says when the step is complete. */
class StepTally {
  readonly #plan: Plan;
  readonly #onEvent: (event: StepEvent) => void;
  /** Part of each task that is done, 0 to 1. */
  readonly #shareByTask = new Map<string, number>();
  readonly #startedMs = new Map<StepName, number>();
  readonly #counts = new Map<StepName, { finished: number; reused: number }>();

  constructor(plan: Plan, onEvent: (event: StepEvent) => void) {
    this.#plan = plan;
    this.#onEvent = onEvent;
  }

  started({ step }: TaskRef): void {
    if (!this.#startedMs.has(step)) this.#startedMs.set(step, performance.now());
  }

  report(task: TaskRef, { done, total, unit }: Progress): void {
    const { step } = task;
    const { count } = this.#planned(step);
    this.#shareByTask.set(taskId(task), Math.min(1, done / Math.max(1, total)));
    if (count === 1) {
      this.#onEvent({ type: 'progress', step, done: Math.min(done, total), total, unit });
      return;
    }
    // Pieces are of one length, but for the last: their shares add up.
    let sum = 0;
    for (let index = 0; index < count; index++)
      sum += this.#shareByTask.get(taskId({ step, index })) ?? 0;
    const frames = this.#frameCount(step);
    const doneFrames = Math.min(frames, Math.round(sum * this.#plan.chunkFrames));
    this.#onEvent({ type: 'progress', step, done: doneFrames, total: frames, unit: 'frames' });
  }

  finished(task: TaskRef, reused: boolean): void {
    const { step } = task;
    const tasks = this.#planned(step).count;
    this.#shareByTask.set(taskId(task), 1);
    const counts = this.#counts.get(step) ?? { finished: 0, reused: 0 };
    counts.finished++;
    if (reused) counts.reused++;
    this.#counts.set(step, counts);
    if (counts.finished < tasks) return;
    const elapsedSec = (performance.now() - this.#startedMs.get(step)!) / 1000;
    this.#onEvent({ type: 'step', step, tasks, reused: counts.reused, elapsedSec });
  }

  #planned(step: StepName): PlannedStep {
    return this.#plan.steps.find((planned) => planned.step === step)!;
  }

  /** Length of what the pieces of a step are cut from, in frames. */
  #frameCount(step: StepName): number {
    const { frameCount, sampleCount } = this.#plan;
    return this.#planned(step).pieces === 'sound'
      ? Math.ceil(sampleCount / SAMPLES_PER_FRAME)
      : frameCount;
  }
}
