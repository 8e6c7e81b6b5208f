import { embedVoicesMethod, embedVoiceWindowsMethod, type EmbedVoiceWindowsSpec } from '@avd/embed';
import { detectSpeechMethod, detectTrackSpeechMethod, type DetectSpeechParams } from '@avd/vad';
import { soundRange } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import { defineStep, noInputs } from './step.js';

export const detectSpeechStep = defineStep(detectSpeechMethod, noInputs, ({ plan, settings }) => ({
  sampleRange: { startSample: 0, endSample: plan.sampleCount },
  params: speechParams(settings),
}));

export const detectTrackSpeechStep = defineStep(
  detectTrackSpeechMethod,
  ({ linkTracks }) => ({ linkTracks: linkTracks! }),
  ({ settings }) => ({ params: speechParams(settings) }),
);

export const embedVoicesStep = defineStep(embedVoicesMethod, noInputs, ({ plan }) => ({
  startSample: 0,
  endSample: plan.sampleCount,
}));

export const embedVoiceWindowsStep = defineStep(
  embedVoiceWindowsMethod,
  noInputs,
  ({ plan, index, settings: { speakerModel } }): EmbedVoiceWindowsSpec => ({
    ...soundRange(plan, index),
    model: speakerModel === 'ecapa-tdnn' ? 'ecapa-tdnn' : 'resnetse34v2',
  }),
);

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
