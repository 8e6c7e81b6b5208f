import type { FaceTrack, FrameRange } from '@avd/domain';
import {
  consumeFrames,
  noModels,
  type FrameConsumer,
  type FrameMethod,
  type StageContext,
  type StageMethod,
} from '@avd/stage-kit';
import { loadFaceDescriber } from './faces/describe-face.js';
import {
  createFaceEmbedder,
  embedFaces,
  type EmbedFacesOutput,
  type EmbedFacesParams,
} from './faces/embed-faces.js';
import {
  embedVoiceWindows,
  type EmbedVoiceWindowsInput,
  type EmbedVoiceWindowsParams,
  type VoiceWindows,
} from './voice-windows/embed-voice-windows.js';
import { embedVoices, type EmbedVoicesInput } from './voices/embed-voices.js';
import type { VoiceFrames } from './voices/voice-frames.js';

export interface EmbedFacesSpec extends EmbedFacesParams {
  readonly range: FrameRange;
}

export interface EmbedFacesInputs {
  readonly linkTracks: readonly { readonly tracks: readonly FaceTrack[] }[];
}

export const embedFacesMethod: FrameMethod<EmbedFacesSpec, EmbedFacesInputs, EmbedFacesOutput> = {
  stage: 'embed',
  name: embedFaces.name,
  version: embedFaces.version,
  models: ({ model }) => [model],
  open: openFaceEmbedder,
  async run(spec, inputs, ctx) {
    const embedder = await openFaceEmbedder(spec, inputs, ctx);
    await consumeFrames(spec.range, [embedder], ctx);
    return embedder.finish();
  },
};

async function openFaceEmbedder(
  { range, model }: EmbedFacesSpec,
  { linkTracks }: EmbedFacesInputs,
  { models }: StageContext,
): Promise<FrameConsumer<EmbedFacesOutput>> {
  const { tracks } = linkTracks[0]!;
  return createFaceEmbedder({ range, tracks }, await loadFaceDescriber(model, models));
}

export const embedVoicesMethod: StageMethod<
  EmbedVoicesInput,
  Record<string, never>,
  VoiceFrames
> = {
  stage: 'embed',
  name: embedVoices.name,
  version: embedVoices.version,
  models: noModels,
  run: (spec, _inputs, ctx) => embedVoices.run(spec, {}, ctx),
};

export type EmbedVoiceWindowsSpec = EmbedVoiceWindowsInput & EmbedVoiceWindowsParams;

export const embedVoiceWindowsMethod: StageMethod<
  EmbedVoiceWindowsSpec,
  Record<string, never>,
  VoiceWindows
> = {
  stage: 'embed',
  name: embedVoiceWindows.name,
  version: embedVoiceWindows.version,
  models: ({ model }) => [model],
  run: ({ startSample, endSample, model }, _inputs, ctx) =>
    embedVoiceWindows.run({ startSample, endSample }, { model }, ctx),
};
