import { AvdError } from '@avd/domain';
import {
  diarizeAdaptiveStage,
  groupFaces,
  type AdaptiveInput,
  type AdaptiveResult,
  type VoiceFrames,
} from '@avd/cluster';
import { createFaceEmbedder, embedFaces, embedVoices, type EmbedFacesOutput } from '@avd/embed';
import {
  createBlazeFaceDetector,
  createDetectFaces,
  DEFAULT_LINK_TRACKS_PARAMS,
  linkTracks,
  type DetectFacesOutput,
  type LinkTracksOutput,
  type LinkTracksParams,
} from '@avd/face-track';
import { consumeFrames, type MediaInfo, type StageContext } from '@avd/stage-kit';
import {
  createLipReader,
  measureLips,
  scoreLips,
  type LipScores,
  type MeasureLipsOutput,
  type ScoreLipsOutput,
} from '@avd/syncnet';
import { detectSpeech, type DetectSpeechOutput, type DetectSpeechParams } from '@avd/vad';
import { chunkRange, type Plan, type StepName, type TaskRef } from './plan.js';
import type { DiarizeSettings } from './settings.js';

/** What each step gives. */
interface StepOutputs {
  detectFaces: DetectFacesOutput;
  linkTracks: LinkTracksOutput;
  detectSpeech: DetectSpeechOutput;
  readFaces: { readonly lips: MeasureLipsOutput; readonly identity: EmbedFacesOutput };
  scoreLips: ScoreLipsOutput;
  embedVoices: VoiceFrames;
  diarize: AdaptiveResult;
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
  readonly stages: readonly { readonly name: string; readonly version: string }[];
  /** Settings that decide its result. */
  params(settings: DiarizeSettings): unknown;
  run(task: TaskContext, ctx: StageContext): Promise<Output>;
}

const detectFaces = createDetectFaces({ blazeface: createBlazeFaceDetector });

/** Every step of the graph: which stage does it, with which parameters and input. */
export const stepTable: { readonly [Name in StepName]: Step<StepOutputs[Name]> } = {
  detectFaces: {
    stages: [detectFaces],
    params: ({ faceDetector, detectEvery }) => ({ detector: faceDetector, detectEvery }),
    run: ({ plan, task, settings }, ctx) =>
      detectFaces.run(
        { range: chunkRange(plan, task.index), frameCount: plan.frameCount },
        { detector: settings.faceDetector, detectEvery: settings.detectEvery },
        ctx,
      ),
  },
  linkTracks: {
    stages: [linkTracks],
    params: linkParams,
    run: ({ plan, results, settings }, ctx) =>
      linkTracks.run(
        {
          frameCount: plan.frameCount,
          detections: results.detectFaces!.flatMap((chunk) => chunk.detections),
          contentScores: results.detectFaces!.flatMap((chunk) => chunk.contentScores),
        },
        linkParams(settings),
        ctx,
      ),
  },
  detectSpeech: {
    stages: [detectSpeech],
    params: speechParams,
    run: ({ info, settings }, ctx) =>
      detectSpeech.run({ sampleCount: info.audio!.sampleCount }, speechParams(settings), ctx),
  },
  readFaces: {
    stages: [measureLips, embedFaces],
    params: ({ asd, faceModel }) => ({ asd, faceModel }),
    async run({ plan, task, results }, ctx) {
      const input = { range: chunkRange(plan, task.index), tracks: results.linkTracks![0]!.tracks };
      const lips = createLipReader(input, await ctx.models.load('facemesh'));
      const identity = createFaceEmbedder(input, await ctx.models.load('faceres'));
      await consumeFrames(input.range, [lips, identity], ctx);
      return { lips: lips.finish(), identity: identity.finish() };
    },
  },
  scoreLips: {
    stages: [scoreLips],
    params: () => ({}),
    run: ({ results }, ctx) =>
      scoreLips.run({ chunks: results.readFaces!.map(({ lips }) => lips.tracks) }, {}, ctx),
  },
  embedVoices: {
    stages: [embedVoices],
    params: ({ speakerModel }) => ({ speakerModel }),
    run: ({ info }, ctx) =>
      embedVoices.run({ startSample: 0, endSample: info.audio!.sampleCount }, {}, ctx),
  },
  diarize: {
    stages: [diarizeAdaptiveStage],
    params: diarizeParams,
    run: ({ results, settings }, ctx) =>
      diarizeAdaptiveStage.run(diarizeInput(results), diarizeParams(settings), ctx),
  },
};

/**
 * Tracks down to 0.8 s and 20 px, since speech that nobody is seen to speak costs more than a short track; the
 * smoothing keeps the ends of a track where they are.
 */
function linkParams({ profile, detectEvery }: DiarizeSettings): LinkTracksParams {
  if (profile === 'voxconverse') return DEFAULT_LINK_TRACKS_PARAMS;
  return {
    ...DEFAULT_LINK_TRACKS_PARAMS,
    minTrackFrames: 20,
    minFaceSizePx: 20,
    maxGapFrames: Math.max(DEFAULT_LINK_TRACKS_PARAMS.maxGapFrames, 3 * detectEvery),
    smoothing: { kernelFrames: 13, edges: 'repeat' },
  };
}

/** Missed speech is lost for good, while a little too much costs little: lite listens closer than the reference. */
function speechParams({ profile, vad }: DiarizeSettings): DetectSpeechParams {
  if (profile === 'voxconverse') return { detector: vad };
  return {
    detector: vad,
    threshold: 0.35,
    speechPadMs: 60,
    minSilenceMs: 200,
    roundToTenthSec: false,
  };
}

function diarizeParams({ offscreen, numSpeakers, minSpeakers, maxSpeakers }: DiarizeSettings) {
  return {
    offscreen,
    ...(numSpeakers === undefined ? {} : { numSpeakers }),
    ...(minSpeakers === undefined ? {} : { minSpeakers }),
    ...(maxSpeakers === undefined ? {} : { maxSpeakers }),
  };
}

function diarizeInput(results: StepResults): AdaptiveInput {
  const scores = results.scoreLips?.[0]?.tracks ?? [];
  const faceIds = scores.length === 0 ? [] : identifyFaces(results, scores);
  return {
    speech: results.detectSpeech![0]!.segments,
    voices: results.embedVoices!,
    faces: scores.map((score, index) => ({ ...score, faceId: faceIds[index]! })),
  };
}

/** Person of each scored track, from the descriptors of its pictures. */
function identifyFaces(results: StepResults, scores: readonly LipScores[]): number[] {
  const descriptors = new Map<number, number[][]>();
  for (const { trackIndex, descriptors: list } of results.readFaces!.flatMap(
    ({ identity }) => identity.faces,
  )) {
    descriptors.set(trackIndex, [
      ...(descriptors.get(trackIndex) ?? []),
      ...list.map((vector) => [...vector]),
    ]);
  }
  return groupFaces(
    scores.map(({ trackIndex, startFrame, endFrame }) => {
      const rows = descriptors.get(trackIndex) ?? [];
      return {
        startFrame,
        endFrame,
        embeddings: {
          data: Float32Array.from(rows.flat()),
          rowCount: rows.length,
          columnCount: rows[0]?.length ?? 0,
        },
      };
    }),
  );
}

/**
 * What the chosen parts need and this build lacks, said before any work is done.
 * @throws AvdError kind `precondition`, reason `PART_NOT_AVAILABLE`
 */
export function checkParts(settings: DiarizeSettings): void {
  const available: Partial<DiarizeSettings> = {
    profile: 'lite',
    faceDetector: 'blazeface',
    asd: 'lips',
    speakerModel: 'recording',
    faceModel: 'faceres',
  };
  for (const [part, name] of Object.entries(available)) {
    const chosen = settings[part as keyof DiarizeSettings];
    if (chosen === name) continue;
    throw new AvdError(
      'precondition',
      'PART_NOT_AVAILABLE',
      `"${String(chosen)}" needs weights that this version cannot load yet; use --profile lite.`,
    );
  }
}
