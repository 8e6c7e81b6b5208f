import { SAMPLES_PER_FRAME, type FrameRange } from '@avd/domain';
import { usesPaperMethod, type DiarizeSettings } from './settings.js';

/**
 * The steps of the graph: each one method of a stage, or several that share the decoding (`readFaces`: lips and
 * identity).
 */
export type StepName =
  | 'detectFaces'
  | 'linkTracks'
  | 'detectSpeech'
  | 'detectTrackSpeech'
  | 'readFaces'
  | 'scoreLips'
  | 'embedVoices'
  | 'embedVoiceWindows'
  | 'diarize';

/** One step of a plan: `count` tasks, ready when every task of the steps in `needs` is done. */
export interface PlannedStep {
  readonly step: StepName;
  readonly count: number;
  readonly needs: readonly StepName[];
  /** What its tasks are pieces of: chunks of the picture, chunks of the sound, or absent when there is one task. */
  readonly pieces?: 'picture' | 'sound';
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
  readonly sampleCount: number;
}

export interface PlanInput {
  /** Frames on the 25/s grid; 0 when there is no picture. */
  readonly frameCount: number;
  /** Samples at 16 kHz; 0 when there is no sound. */
  readonly sampleCount: number;
  readonly chunkFrames: number;
  /** The settings that decide which steps there are. */
  readonly settings: Pick<DiarizeSettings, 'asd' | 'speakerModel'>;
}

/** The graph of one video. Without sound there is nothing to diarize: the plan is empty. */
export function planVideo({ frameCount, sampleCount, chunkFrames, settings }: PlanInput): Plan {
  const soundFrameCount = Math.ceil(sampleCount / SAMPLES_PER_FRAME);
  const perPicture = { count: Math.ceil(frameCount / chunkFrames), pieces: 'picture' } as const;
  const perSound = { count: Math.ceil(soundFrameCount / chunkFrames), pieces: 'sound' } as const;
  const isPaper = usesPaperMethod(settings);

  const sound: PlannedStep[] = [
    { step: 'detectSpeech', count: 1, needs: [] },
    isPaper
      ? { step: 'embedVoiceWindows', ...perSound, needs: [] }
      : { step: 'embedVoices', count: 1, needs: [] },
  ];
  const faces: PlannedStep[] = [
    { step: 'detectFaces', ...perPicture, needs: [] },
    { step: 'linkTracks', count: 1, needs: ['detectFaces'] },
    { step: 'readFaces', ...perPicture, needs: ['linkTracks'] },
  ];
  if (isPaper) faces.push({ step: 'detectTrackSpeech', count: 1, needs: ['linkTracks'] });
  // The paper's method takes the distances of SyncNet as they are.
  if (!isPaper || settings.asd !== 'syncnet') {
    faces.push({ step: 'scoreLips', count: 1, needs: ['linkTracks', 'readFaces'] });
  }
  const before = frameCount === 0 ? sound : [...sound, ...faces];
  const steps: PlannedStep[] =
    sampleCount === 0
      ? []
      : [...before, { step: 'diarize', count: 1, needs: before.map(({ step }) => step) }];
  return { steps, chunkFrames, frameCount, sampleCount };
}

/** Frames of the index-th chunk of the picture. */
export function chunkRange(plan: Plan, index: number): FrameRange {
  const startFrame = index * plan.chunkFrames;
  return { startFrame, endFrame: Math.min(startFrame + plan.chunkFrames, plan.frameCount) };
}

/** Samples of the index-th chunk of the sound; they lie beside the frames of that chunk. */
export function soundRange(
  plan: Plan,
  index: number,
): { readonly startSample: number; readonly endSample: number } {
  const startSample = index * plan.chunkFrames * SAMPLES_PER_FRAME;
  const endSample = startSample + plan.chunkFrames * SAMPLES_PER_FRAME;
  return { startSample, endSample: Math.min(endSample, plan.sampleCount) };
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
