import { SAMPLES_PER_FRAME, type FrameRange } from '@avd/domain';
import { usesPaperMethod, type DiarizeSettings } from './settings.js';

/** The steps of the graph: each calls one method of one stage. */
export type StepName =
  | 'detectFaces'
  | 'linkTracks'
  | 'detectSpeech'
  | 'detectTrackSpeech'
  | 'readLips'
  | 'scoreLips'
  | 'embedFaces'
  | 'embedVoices'
  | 'embedVoiceWindows'
  | 'diarize';

/** One step of a plan: `count` tasks, ready when every task of the steps in `needs` is done. */
export interface PlannedStep<Name extends string = StepName> {
  readonly step: Name;
  readonly count: number;
  /** Steps whose results its tasks read. */
  readonly needs: readonly Name[];
  /** What its tasks are pieces of: chunks of the picture, chunks of the sound, or absent when there is one task. */
  readonly pieces?: 'picture' | 'sound';
  /** Looks at the frames one by one: tasks of such steps on the same piece can share the decoding. */
  readonly sharesFrames?: true;
}

/** Steps in an order in which they could run one after the other. */
export interface StepGraph<Name extends string = StepName> {
  readonly steps: readonly PlannedStep<Name>[];
}

/** One task: the index-th piece of a step. */
export interface TaskRef<Name extends string = StepName> {
  readonly step: Name;
  readonly index: number;
}

export interface Plan extends StepGraph {
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
  const hasPicture = frameCount > 0;
  // The paper's method takes the distances of SyncNet as they are.
  const takesDistances = isPaper && settings.asd === 'syncnet';

  const sound: PlannedStep[] = [
    { step: 'detectSpeech', count: 1, needs: [] },
    isPaper
      ? { step: 'embedVoiceWindows', ...perSound, needs: [] }
      : { step: 'embedVoices', count: 1, needs: [] },
  ];
  const picture: PlannedStep[] = [
    { step: 'detectFaces', ...perPicture, needs: [] },
    { step: 'linkTracks', count: 1, needs: ['detectFaces'] },
    { step: 'readLips', ...perPicture, needs: ['linkTracks'], sharesFrames: true },
    { step: 'embedFaces', ...perPicture, needs: ['linkTracks'], sharesFrames: true },
  ];
  if (isPaper) picture.push({ step: 'detectTrackSpeech', count: 1, needs: ['linkTracks'] });
  if (!takesDistances) {
    picture.push({ step: 'scoreLips', count: 1, needs: ['linkTracks', 'readLips'] });
  }
  const before = hasPicture ? [...sound, ...picture] : sound;
  const unread: readonly StepName[] = takesDistances
    ? ['detectFaces']
    : ['detectFaces', 'readLips'];
  const needs = before.map(({ step }) => step).filter((step) => !unread.includes(step));
  const steps = sampleCount === 0 ? [] : [...before, { step: 'diarize', count: 1, needs } as const];
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

export function taskId({ step, index }: TaskRef<string>): string {
  return `${step}/${index}`;
}
