import type { DiarizeOutput } from '@avd/cluster';
import type { EmbedFacesOutput, VoiceFrames, VoiceWindows } from '@avd/embed';
import type { DetectFacesOutput, LinkTracksOutput } from '@avd/face-track';
import type { FrameConsumer, FrameMethod, StageContext, StageMethod } from '@avd/stage-kit';
import type { ReadLipsOutput, ScoreLipsOutput } from '@avd/syncnet';
import type { DetectSpeechOutput } from '@avd/vad';
import type { Plan, StepName } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';

/** What each step gives. */
export interface StepOutputs {
  detectFaces: DetectFacesOutput;
  linkTracks: LinkTracksOutput;
  detectSpeech: DetectSpeechOutput;
  /** By track. */
  detectTrackSpeech: readonly DetectSpeechOutput[];
  readLips: ReadLipsOutput;
  scoreLips: ScoreLipsOutput;
  embedFaces: EmbedFacesOutput;
  embedVoices: VoiceFrames;
  embedVoiceWindows: VoiceWindows;
  diarize: DiarizeOutput;
}

/** Results so far: by step, then by piece. A step that was not planned is absent. */
export type StepResults = { [Step in StepName]?: StepOutputs[Step][] };

/** What decides the call of one task. */
export interface TaskSettings {
  readonly plan: Plan;
  readonly index: number;
  readonly settings: DiarizeSettings;
}

/** A step of the graph: a method of a stage, and the calls of it that a plan makes. */
export interface Step<Output> {
  readonly method: Pick<StageMethod<unknown, unknown, unknown>, 'stage' | 'name' | 'version'>;
  /** Piece and parameters of a task's call. */
  spec(task: TaskSettings): unknown;
  /** Networks of that call. */
  models(task: TaskSettings): readonly string[];
  run(task: TaskSettings, results: StepResults, ctx: StageContext): Promise<Output>;
  /** Steps that look at frames one by one: their tasks on the same piece can share the decoding. */
  open?(
    task: TaskSettings,
    results: StepResults,
    ctx: StageContext,
  ): Promise<FrameConsumer<Output>>;
}

/** @param inputs the results which the method reads */
export function defineStep<Spec, Inputs, Output>(
  method: StageMethod<Spec, Inputs, Output>,
  inputs: (results: StepResults) => Inputs,
  spec: (task: TaskSettings) => Spec,
): Step<Output> {
  return {
    method,
    spec,
    models: (task) => method.models(spec(task)),
    run: (task, results, ctx) => method.run(spec(task), inputs(results), ctx),
  };
}

export function defineFrameStep<Spec, Inputs, Output>(
  method: FrameMethod<Spec, Inputs, Output>,
  inputs: (results: StepResults) => Inputs,
  spec: (task: TaskSettings) => Spec,
): Step<Output> {
  return {
    ...defineStep(method, inputs, spec),
    open: (task, results, ctx) => method.open(spec(task), inputs(results), ctx),
  };
}

export const noInputs = (): Record<string, never> => ({});
