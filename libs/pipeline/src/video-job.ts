import type { FrameRange } from '@avd/domain';
import {
  consumeFrames,
  type FrameConsumer,
  type MediaReader,
  type ModelPool,
  type ResultStore,
  type StageContext,
} from '@avd/stage-kit';
import { chunkRange, planVideo, taskId, type Plan, type TaskRef } from './plan.js';
import { runInProcess } from './run-in-process.js';
import type { DiarizeSettings } from './settings.js';
import { StepTally, type StepEvent } from './step-tally.js';
import { requiredModels, stepTable } from './steps/step-table.js';
import type { StepResults } from './steps/step.js';
import { taskKeys } from './task-keys.js';

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
  const { media, mediaDigest, settings, models, store } = job;
  const plan = planVideo({
    frameCount: media.info.video?.frameCount ?? 0,
    sampleCount: media.info.audio?.sampleCount ?? 0,
    chunkFrames: job.chunkFrames,
    settings,
  });
  const modelDigests = await loadModels(plan, job);
  const keys = taskKeys({ plan, settings, mediaDigest, modelDigests });
  const results: StepResults = {};
  const tally = new StepTally(plan, job.onEvent);
  const keep = (task: TaskRef, output: unknown, reused: boolean): void => {
    const outputs = (results[task.step] ??= []) as unknown[];
    outputs[task.index] = output;
    tally.finished(task, reused);
  };
  const execute = async (tasks: readonly TaskRef[], signal: AbortSignal): Promise<void> => {
    const open: TaskRef[] = [];
    for (const task of tasks) {
      tally.started(task);
      const kept = await store.get(keys.get(taskId(task))!);
      if (kept === undefined) open.push(task);
      else keep(task, kept, true);
    }
    const contextOf = (task: TaskRef): StageContext => ({
      signal,
      media,
      models,
      report: (progress) => tally.report(task, progress),
    });
    const settingsOf = ({ index }: TaskRef) => ({ plan, index, settings });
    const [first] = open;
    if (first === undefined) return;
    const outputs =
      open.length === 1
        ? [await stepTable[first.step].run(settingsOf(first), results, contextOf(first))]
        : await runTogether(
            chunkRange(plan, first.index),
            await Promise.all(
              open.map((task) =>
                stepTable[task.step].open!(settingsOf(task), results, contextOf(task)),
              ),
            ),
            {
              ...contextOf(first),
              report: (progress) => open.forEach((task) => tally.report(task, progress)),
            },
          );
    for (const [i, task] of open.entries()) {
      await store.put(keys.get(taskId(task))!, outputs[i]);
      keep(task, outputs[i], false);
    }
  };
  await runInProcess(plan, execute, { concurrency: job.concurrency, signal: job.signal });
  return results;
}

/** Decodes the frames of a piece once for all. */
async function runTogether(
  range: FrameRange,
  consumers: readonly FrameConsumer<unknown>[],
  ctx: StageContext,
): Promise<unknown[]> {
  await consumeFrames(range, consumers, ctx);
  return consumers.map((consumer) => consumer.finish());
}

/** Loads every network, so that a missing one is known at once. @returns what decides their numbers, by name */
async function loadModels(
  plan: Plan,
  { models, settings }: VideoJob,
): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const name of requiredModels(plan, settings)) {
    const { sha256, runsOn } = await models.load(name);
    digests.set(name, runsOn === undefined ? sha256 : `${sha256} on ${runsOn}`);
  }
  return digests;
}
