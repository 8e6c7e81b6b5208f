import type { stageV1 } from '@avd/contracts';
import { defineStageCall, type RecordingFacts } from '@avd/stage-host';
import type { EmbedFacesOutput } from '../faces/embed-faces.js';
import {
  embedFacesMethod,
  embedVoicesMethod,
  embedVoiceWindowsMethod,
  type EmbedFacesSpec,
  type EmbedVoiceWindowsSpec,
} from '../methods.js';
import type { VoiceWindows } from '../voice-windows/embed-voice-windows.js';
import type { VoiceFrames } from '../voices/voice-frames.js';

export const embedFacesCall = defineStageCall({
  method: embedFacesMethod,
  required: () => ['linkTracks'],
  need: () => 'pictures',
  toSpec: (
    { frameRange, model }: stageV1.EmbedFacesRequest,
    { video }: RecordingFacts,
  ): EmbedFacesSpec => ({
    range: frameRange ?? { startFrame: 0, endFrame: video?.frameCount ?? 0 },
    model: (model || 'faceres') as EmbedFacesSpec['model'],
  }),
  summarize: ({ faces }: EmbedFacesOutput) => ({
    faceCount: faces.reduce((sum, { descriptors }) => sum + descriptors.rowCount, 0),
  }),
});

export const embedVoicesCall = defineStageCall({
  method: embedVoicesMethod,
  need: () => 'sound',
  toSpec: ({ sampleRange }: stageV1.EmbedVoicesRequest, facts: RecordingFacts) =>
    sampleRange ?? wholeSound(facts),
  summarize: ({ frameCount }: VoiceFrames) => ({ frameCount }),
});

export const embedVoiceWindowsCall = defineStageCall({
  method: embedVoiceWindowsMethod,
  need: () => 'sound',
  toSpec: (
    { sampleRange, model }: stageV1.EmbedVoiceWindowsRequest,
    facts: RecordingFacts,
  ): EmbedVoiceWindowsSpec => ({
    ...(sampleRange ?? wholeSound(facts)),
    model: (model || 'resnetse34v2') as EmbedVoiceWindowsSpec['model'],
  }),
  summarize: ({ embeddings }: VoiceWindows) => ({ windowCount: embeddings.rowCount }),
});

function wholeSound({ audio }: RecordingFacts) {
  return { startSample: 0, endSample: audio?.sampleCount ?? 0 };
}
