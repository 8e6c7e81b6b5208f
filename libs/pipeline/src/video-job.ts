import { runInProcess } from './run-in-process.js';
import { chunkRange, planVideo, taskId, type Plan, type StepName, type TaskRef } from './plan.js';
import { resultKey } from './result-key.js';
import type { DiarizeSettings } from './settings.js';
import { checkParts, stepTable, type StepResults } from './steps.js';
import type { MediaReader, ModelPool, Progress, ResultStore } from '@avd/stage-kit';

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

/** Runs every step of one video in this process. @returns all results by step and piece */
export async function runVideoJob(job: VideoJob): Promise<StepResults> {
  const { info } = job.media;
  checkParts(job.settings);
  const plan = planVideo({
    frameCount: info.video?.frameCount ?? 0,
    hasSound: (info.audio?.sampleCount ?? 0) > 0,
    chunkFrames: job.chunkFrames,
  });
  const results: StepResults = {};
  const keys = taskKeys(plan, job);
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

/** Key of every task's result: all that decides it, through the keys of the tasks it needs. */
function taskKeys(plan: Plan, { mediaDigest, settings }: VideoJob): Map<string, string> {
  const keys = new Map<string, string>();
  for (const { step, count, needs } of plan.steps) {
    const { stages, params } = stepTable[step];
    const upstream = needs.flatMap((need) =>
      Array.from(
        { length: plan.steps.find((planned) => planned.step === need)!.count },
        (_, index) => keys.get(taskId({ step: need, index })),
      ),
    );
    const versions = stages.map(({ name, version }) => ({ name, version }));
    const common = resultKey({ versions, params: params(settings), mediaDigest, upstream });
    for (let index = 0; index < count; index++) {
      const piece = isMapStep(step) ? chunkRange(plan, index) : {};
      keys.set(taskId({ step, index }), resultKey({ common, piece }));
    }
  }
  return keys;
}

/** Whether every task of the step works on one chunk of frames. */
function isMapStep(step: StepName): boolean {
  return step === 'detectFaces' || step === 'readFaces';
}

/** Adds the progress of a step's tasks up and says when the step is complete. */
class StepTally {
  readonly #plan: Plan;
  readonly #onEvent: (event: StepEvent) => void;
  readonly #doneByTask = new Map<string, number>();
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
    this.#doneByTask.set(taskId(task), done);
    const { step } = task;
    const count = this.#stepCount(step);
    let sum = 0;
    for (let index = 0; index < count; index++)
      sum += this.#doneByTask.get(taskId({ step, index })) ?? 0;
    const all = isMapStep(step) ? this.#plan.frameCount : total;
    this.#onEvent({ type: 'progress', step, done: Math.min(sum, all), total: all, unit });
  }

  finished(task: TaskRef, reused: boolean): void {
    const { step, index } = task;
    const tasks = this.#stepCount(step);
    if (isMapStep(step)) {
      const { startFrame, endFrame } = chunkRange(this.#plan, index);
      this.#doneByTask.set(taskId(task), endFrame - startFrame);
    }
    const counts = this.#counts.get(step) ?? { finished: 0, reused: 0 };
    counts.finished++;
    if (reused) counts.reused++;
    this.#counts.set(step, counts);
    if (counts.finished < tasks) return;
    const elapsedSec = (performance.now() - this.#startedMs.get(step)!) / 1000;
    this.#onEvent({ type: 'step', step, tasks, reused: counts.reused, elapsedSec });
  }

  #stepCount(step: StepName): number {
    return this.#plan.steps.find((planned) => planned.step === step)!.count;
  }
}
