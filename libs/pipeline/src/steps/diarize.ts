import {
  diarizeAdaptiveStage,
  diarizeReferenceStage,
  REFERENCE_DEFAULTS,
  type AdaptiveInput,
  type ReferenceParams,
  type ReferenceStageInput,
  type ReferenceStageTrack,
} from '@avd/cluster';
import { usesPaperMethod, type DiarizeSettings } from '../settings.js';
import { identifyFaces } from './identify-faces.js';
import { noModels, type DiarizeOutput, type Step, type StepResults } from './step.js';

export const diarizeStep: Step<DiarizeOutput> = {
  stages: (settings) => [usesPaperMethod(settings) ? diarizeReferenceStage : diarizeAdaptiveStage],
  models: noModels,
  params: (settings) =>
    usesPaperMethod(settings) ? referenceParams(settings) : adaptiveParams(settings),
  async run({ results, settings }, ctx) {
    if (usesPaperMethod(settings)) {
      return diarizeReferenceStage.run(referenceInput(results), referenceParams(settings), ctx);
    }
    const input = adaptiveInput(results);
    const found = await diarizeAdaptiveStage.run(input, adaptiveParams(settings), ctx);
    return { ...found, notices: [] };
  },
};

function adaptiveParams({ offscreen, numSpeakers, minSpeakers, maxSpeakers }: DiarizeSettings) {
  return {
    offscreen,
    ...(numSpeakers === undefined ? {} : { numSpeakers }),
    ...(minSpeakers === undefined ? {} : { minSpeakers }),
    ...(maxSpeakers === undefined ? {} : { maxSpeakers }),
  };
}

function adaptiveInput(results: StepResults): AdaptiveInput {
  const scores = results.scoreLips?.[0]?.tracks ?? [];
  const faceIds = scores.length === 0 ? [] : identifyFaces(results, scores);
  return {
    speech: results.detectSpeech![0]!.segments,
    voices: results.embedVoices!,
    faces: scores.map((score, index) => ({ ...score, faceId: faceIds[index]! })),
  };
}

/** The slips of the reference change its results, so they belong to its profile and to nothing else. */
function referenceParams({ profile, offscreen }: DiarizeSettings): ReferenceParams {
  return {
    ...REFERENCE_DEFAULTS,
    quirks: profile === 'voxconverse',
    groupUnknownVoices: offscreen === 'cluster',
  };
}

/** Confidence from which lips alone are enough; what does not listen may not reach it. */
const STRONG_CONFIDENCE = 0.9;

function referenceInput(results: StepResults): ReferenceStageInput {
  const tracks = results.linkTracks?.[0]?.tracks ?? [];
  const faceIds = tracks.length === 0 ? [] : identifyFaces(results, tracks);
  const lipSyncOf = lipSyncs(results);
  return {
    tracks: tracks.map(({ trackIndex, startFrame, endFrame }, index): ReferenceStageTrack => ({
      trackIndex,
      startFrame,
      frameCount: endFrame - startFrame,
      faceId: faceIds[index]!,
      lipSync: lipSyncOf.get(trackIndex) ?? { distances: [] },
      speech: results.detectTrackSpeech![0]![index]!.segments,
    })),
    speech: results.detectSpeech![0]!.segments,
    voices: (results.embedVoiceWindows ?? []).map(({ embeddings }) => embeddings),
  };
}

/** By track: the distances of SyncNet, or the probability that the face speaks in their place. */
function lipSyncs(results: StepResults): Map<number, ReferenceStageTrack['lipSync']> {
  const scores = results.scoreLips?.[0]?.tracks;
  if (scores !== undefined) {
    return new Map(
      scores.map(({ trackIndex, speaking }) => [
        trackIndex,
        { confidence: speaking.map((value) => Math.min(value, STRONG_CONFIDENCE)) },
      ]),
    );
  }
  const pieces = (results.readFaces ?? [])
    .flatMap(({ sync }) => sync!.pieces)
    .sort((a, b) => a.trackIndex - b.trackIndex || a.startWindow - b.startWindow);
  const distances = new Map<number, { distances: (typeof pieces)[number]['distances'][] }>();
  for (const piece of pieces) {
    const known = distances.get(piece.trackIndex);
    if (known === undefined) distances.set(piece.trackIndex, { distances: [piece.distances] });
    else known.distances.push(piece.distances);
  }
  return distances;
}
