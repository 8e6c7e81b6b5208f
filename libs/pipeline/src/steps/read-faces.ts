import type { FaceTrack } from '@avd/domain';
import { createFaceEmbedder, embedFaces, loadFaceDescriber, type FaceModelName } from '@avd/embed';
import { consumeFrames, type StageContext } from '@avd/stage-kit';
import {
  combineLrAsd,
  combineSync,
  createLipReader,
  measureLips,
  openLrAsd,
  openSyncScorer,
  runLrAsd,
  scoreLips,
  scoreTracks,
  type RunLrAsdParams,
  type ScoreLipsOutput,
} from '@avd/syncnet';
import { chunkRange } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import type { FrameRange } from '@avd/domain';
import { noModels, type ReadFacesOutput, type Step } from './step.js';

/** Each frame is decoded once for the lips and the identity of all faces. */
export const readFacesStep: Step<ReadFacesOutput> = {
  stages: ({ asd }) => [readingStages[asd], embedFaces],
  models: (settings) => [...lipModels(settings), faceModel(settings)],
  params: ({ asd, ...settings }) => ({
    asd,
    faceModel: faceModel({ asd, ...settings }),
    ...(asd === 'lr-asd' ? LR_ASD_PARAMS : {}),
  }),
  async run({ plan, task, results, settings }, ctx) {
    const input = { range: chunkRange(plan, task.index), tracks: results.linkTracks![0]!.tracks };
    const describeFace = await loadFaceDescriber(faceModel(settings), ctx.models);
    const identity = createFaceEmbedder(input, describeFace);
    const lips = await openLipReader(settings, input, ctx);
    await consumeFrames(input.range, [lips, identity], ctx);
    return { ...lips.finish(), identity: identity.finish() };
  },
};

/** How likely each face is speaking, from what was read of its lips. */
export const scoreLipsStep: Step<ScoreLipsOutput> = {
  stages: ({ asd }) => [scoringStages[asd]],
  models: noModels,
  params: () => ({}),
  run({ results, settings }, ctx) {
    const { tracks } = results.linkTracks![0]!;
    const chunks = results.readFaces!;
    switch (settings.asd) {
      case 'lips':
        return scoreLips.run({ chunks: chunks.map(({ lips }) => lips!.tracks) }, {}, ctx);
      case 'lr-asd': {
        const pieces = chunks.flatMap(({ lrAsd }) => lrAsd!.pieces);
        return combineLrAsd.run({ tracks: tracks.map(identityOf), pieces }, {}, ctx);
      }
      case 'syncnet': {
        const pieces = chunks.flatMap(({ sync }) => sync!.pieces);
        return combineSync.run({ tracks: tracks.map(identityOf), pieces }, {}, ctx);
      }
    }
  },
};

const readingStages = { lips: measureLips, 'lr-asd': runLrAsd, syncnet: scoreTracks } as const;
const scoringStages = { lips: scoreLips, 'lr-asd': combineLrAsd, syncnet: combineSync } as const;

const LR_ASD_PARAMS: RunLrAsdParams = { model: 'lr-asd-ava', durationsSec: [2, 4, 6] };

function faceModel({ faceModel: model }: DiarizeSettings): FaceModelName {
  return model === 'vggface2' ? 'vggface-resnet50' : 'faceres';
}

function lipModels({ asd }: DiarizeSettings): readonly string[] {
  switch (asd) {
    case 'lips':
      return ['facemesh'];
    case 'lr-asd':
      return [LR_ASD_PARAMS.model];
    case 'syncnet':
      return ['syncnet-lip', 'syncnet-audio'];
  }
}

/** Consumer of frames for the chosen active speaker detection; its result stands under the name of its part. */
async function openLipReader(
  { asd }: DiarizeSettings,
  input: { readonly range: FrameRange; readonly tracks: readonly FaceTrack[] },
  ctx: StageContext,
) {
  switch (asd) {
    case 'lips': {
      const reader = createLipReader(input, await ctx.models.load('facemesh'));
      return { ...reader, finish: () => ({ lips: reader.finish() }) };
    }
    case 'lr-asd': {
      const reader = await openLrAsd(input, LR_ASD_PARAMS, ctx);
      return { ...reader, finish: () => ({ lrAsd: reader.finish() }) };
    }
    case 'syncnet': {
      const reader = await openSyncScorer(input, ctx);
      return { ...reader, finish: () => ({ sync: reader.finish() }) };
    }
  }
}

function identityOf({ trackIndex, startFrame }: FaceTrack) {
  return { trackIndex, startFrame };
}
