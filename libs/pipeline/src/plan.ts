import type { FrameRange } from '@avd/domain';

/** The steps of the graph: each one method of a stage, or two that share the decoding (`readFaces`: lips and identity). */
export type StepName =
  | 'detectFaces'
  | 'linkTracks'
  | 'detectSpeech'
  | 'readFaces'
  | 'scoreLips'
  | 'embedVoices'
  | 'diarize';

/** One step of a plan: `count` tasks, ready when every task of the steps in `needs` is done. */
export interface PlannedStep {
  readonly step: StepName;
  readonly count: number;
  readonly needs: readonly StepName[];
}

/** One task: the index-th piece of a step. */
export interface TaskRef {
  readonly step: StepName;
  readonly index: number;
}

export interface Plan {
  readonly steps: readonly PlannedStep[];
  /** Frames of one chunk. */
  readonly chunkFrames: number;
  readonly frameCount: number;
}

export interface PlanInput {
  /** Frames on the 25/s grid; 0 when there is no picture. */
  readonly frameCount: number;
  readonly hasSound: boolean;
  readonly chunkFrames: number;
}

/** The graph of one video. Without sound there is nothing to diarize: the plan is empty. */
export function planVideo({ frameCount, hasSound, chunkFrames }: PlanInput): Plan {
  const chunkCount = Math.ceil(frameCount / chunkFrames);
  const sound: PlannedStep[] = [
    { step: 'detectSpeech', count: 1, needs: [] },
    { step: 'embedVoices', count: 1, needs: [] },
  ];
  const faces: PlannedStep[] =
    chunkCount === 0
      ? []
      : [
          { step: 'detectFaces', count: chunkCount, needs: [] },
          { step: 'linkTracks', count: 1, needs: ['detectFaces'] },
          { step: 'readFaces', count: chunkCount, needs: ['linkTracks'] },
          { step: 'scoreLips', count: 1, needs: ['readFaces'] },
        ];
  const before = [...sound, ...faces];
  const steps: PlannedStep[] = hasSound
    ? [...before, { step: 'diarize', count: 1, needs: before.map(({ step }) => step) }]
    : [];
  return { steps, chunkFrames, frameCount };
}

/** Frames of the index-th chunk. */
export function chunkRange(plan: Plan, index: number): FrameRange {
  const startFrame = index * plan.chunkFrames;
  return { startFrame, endFrame: Math.min(startFrame + plan.chunkFrames, plan.frameCount) };
}

export function taskId({ step, index }: TaskRef): string {
  return `${step}/${index}`;
}

/**
 * The planner: which tasks can start now. Pure; results may come in any order or twice.
 * @param done ids of finished tasks (others than those of the plan are ignored)
 * @param started ids of tasks handed out and not yet finished
 */
export function nextTasks(
  plan: Plan,
  done: ReadonlySet<string>,
  started: ReadonlySet<string>,
): TaskRef[] {
  const complete = new Set<StepName>();
  for (const { step, count } of plan.steps) {
    let doneCount = 0;
    for (let index = 0; index < count; index++) if (done.has(taskId({ step, index }))) doneCount++;
    if (doneCount === count) complete.add(step);
  }
  const ready: TaskRef[] = [];
  for (const { step, count, needs } of plan.steps) {
    if (!needs.every((name) => complete.has(name))) continue;
    for (let index = 0; index < count; index++) {
      const id = taskId({ step, index });
      if (!done.has(id) && !started.has(id)) ready.push({ step, index });
    }
  }
  return ready;
}
