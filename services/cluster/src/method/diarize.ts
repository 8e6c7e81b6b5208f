import type { Diarization } from '@avd/domain';
import { noModels, type StageMethod } from '@avd/stage-kit';
import {
  diarizeAdaptiveStage,
  type AdaptiveInput,
  type AdaptiveParams,
} from '../adaptive/index.js';
import {
  diarizeReferenceStage,
  type ReferenceParams,
  type ReferenceResult,
  type ReferenceStageInput,
  type ReferenceStageTrack,
} from '../reference/index.js';
import { identifyFaces } from './identify-faces.js';
import type { DiarizeInputs } from './inputs.js';

/** By the adaptive method, which learns the voices from the recording, or that of the 2020 paper. */
export type DiarizeSpec =
  | { readonly method: 'adaptive'; readonly params: AdaptiveParams }
  | { readonly method: 'reference'; readonly params: ReferenceParams };

export interface DiarizeOutput extends Pick<Diarization, 'turns' | 'speakers' | 'notices'> {
  /** With the method of the paper: its result in the terms of the reference. */
  readonly reference?: ReferenceResult;
}

/** Face identities, fusion of lips and voices, speech off screen: who spoke when. */
export const diarizeMethod: StageMethod<DiarizeSpec, DiarizeInputs, DiarizeOutput> = {
  stage: 'cluster',
  name: 'cluster.Diarize',
  version: `${diarizeAdaptiveStage.version}.${diarizeReferenceStage.version}`,
  models: noModels,
  async run(spec, inputs, ctx) {
    if (spec.method === 'reference') {
      return diarizeReferenceStage.run(referenceInput(inputs), spec.params, ctx);
    }
    const found = await diarizeAdaptiveStage.run(adaptiveInput(inputs), spec.params, ctx);
    return { ...found, notices: [] };
  },
};

function adaptiveInput(inputs: DiarizeInputs): AdaptiveInput {
  const scores = inputs.scoreLips?.[0]?.tracks ?? [];
  const faceIds = identifyFaces(inputs.embedFaces ?? [], scores);
  return {
    speech: inputs.detectSpeech[0]!.segments,
    voices: inputs.embedVoices!,
    faces: scores.map((score, index) => ({ ...score, faceId: faceIds[index]! })),
  };
}

function referenceInput(inputs: DiarizeInputs): ReferenceStageInput {
  const tracks = inputs.linkTracks?.[0]?.tracks ?? [];
  const faceIds = identifyFaces(inputs.embedFaces ?? [], tracks);
  const lipSyncOf = lipSyncs(inputs);
  return {
    tracks: tracks.map(({ trackIndex, startFrame, endFrame }, index): ReferenceStageTrack => ({
      trackIndex,
      startFrame,
      frameCount: endFrame - startFrame,
      faceId: faceIds[index]!,
      lipSync: lipSyncOf.get(trackIndex) ?? { distances: [] },
      speech: inputs.detectTrackSpeech![0]![index]!.segments,
    })),
    speech: inputs.detectSpeech[0]!.segments,
    voices: (inputs.embedVoiceWindows ?? []).map(({ embeddings }) => embeddings),
  };
}

/** Confidence from which lips alone are enough; what does not listen may not reach it. */
const STRONG_CONFIDENCE = 0.9;

/** By track: the distances of SyncNet, or the probability that the face speaks in their place. */
function lipSyncs({
  scoreLips,
  readLips = [],
}: DiarizeInputs): Map<number, ReferenceStageTrack['lipSync']> {
  const scores = scoreLips?.[0]?.tracks;
  if (scores !== undefined) {
    return new Map(
      scores.map(({ trackIndex, speaking }) => [
        trackIndex,
        { confidence: speaking.map((value) => Math.min(value, STRONG_CONFIDENCE)) },
      ]),
    );
  }
  const pieces = readLips
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
