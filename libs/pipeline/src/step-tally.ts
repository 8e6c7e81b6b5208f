import { SAMPLES_PER_FRAME } from '@avd/domain';
import type { Progress } from '@avd/stage-kit';
import { taskId, type Plan, type PlannedStep, type StepName, type TaskRef } from './plan.js';

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

/** Adds the progress of a step's tasks up and says when the step is complete. */
export class StepTally {
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
    const frames = this.#frameCount(step);
    const { chunkFrames } = this.#plan;
    let sum = 0;
    for (let index = 0; index < count; index++) {
      const pieceFrames = Math.min(chunkFrames, frames - index * chunkFrames);
      sum += (this.#shareByTask.get(taskId({ step, index })) ?? 0) * pieceFrames;
    }
    const doneFrames = Math.round(sum);
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
