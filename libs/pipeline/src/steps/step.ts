import type { Diarization } from '@avd/domain';
import type { ReferenceResult, VoiceFrames } from '@avd/cluster';
import type { EmbedFacesOutput, VoiceWindows } from '@avd/embed';
import type { DetectFacesOutput, LinkTracksOutput } from '@avd/face-track';
import type { MediaInfo, StageContext } from '@avd/stage-kit';
import type {
  MeasureLipsOutput,
  RunLrAsdOutput,
  ScoreLipsOutput,
  ScoreTracksOutput,
} from '@avd/syncnet';
import type { DetectSpeechOutput } from '@avd/vad';
import type { Plan, StepName, TaskRef } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';

/** What the faces of a chunk say, by the part that looked at them; the parts which were not chosen are absent. */
export interface ReadFacesOutput {
  readonly identity: EmbedFacesOutput;
  readonly lips?: MeasureLipsOutput;
  readonly lrAsd?: RunLrAsdOutput;
  readonly sync?: ScoreTracksOutput;
}

export interface DiarizeOutput extends Pick<Diarization, 'turns' | 'speakers' | 'notices'> {
  /** With the method of the paper: its result in the terms of the reference. */
  readonly reference?: ReferenceResult;
}

/** What each step gives. */
export interface StepOutputs {
  detectFaces: DetectFacesOutput;
  linkTracks: LinkTracksOutput;
  detectSpeech: DetectSpeechOutput;
  /** By track. */
  detectTrackSpeech: readonly DetectSpeechOutput[];
  readFaces: ReadFacesOutput;
  scoreLips: ScoreLipsOutput;
  embedVoices: VoiceFrames;
  embedVoiceWindows: VoiceWindows;
  diarize: DiarizeOutput;
}

/** Results so far: by step, then by piece. A step that was not planned is absent. */
export type StepResults = { [Step in StepName]?: StepOutputs[Step][] };

/** All a task may use: results of the steps it needs are there. */
export interface TaskContext {
  readonly plan: Plan;
  readonly task: TaskRef;
  readonly results: StepResults;
  readonly info: MediaInfo;
  readonly settings: DiarizeSettings;
}

export interface Step<Output> {
  /** Names and versions of the stages behind it: part of the key under which results are kept. */
  stages(settings: DiarizeSettings): readonly { readonly name: string; readonly version: string }[];
  /** Networks it uses: they are loaded before any work is done, and decide the result as well. */
  models(settings: DiarizeSettings): readonly string[];
  /** Settings that decide its result. */
  params(settings: DiarizeSettings): unknown;
  run(task: TaskContext, ctx: StageContext): Promise<Output>;
}

export const noModels = (): readonly string[] => [];
