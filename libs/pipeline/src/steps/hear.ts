import { SAMPLES_PER_FRAME } from '@avd/domain';
import type { VoiceFrames } from '@avd/cluster';
import {
  embedVoices,
  embedVoiceWindows,
  type EmbedVoiceWindowsParams,
  type VoiceWindows,
} from '@avd/embed';
import { detectSpeech, type DetectSpeechOutput, type DetectSpeechParams } from '@avd/vad';
import { soundRange } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import { noModels, type Step } from './step.js';

export const detectSpeechStep: Step<DetectSpeechOutput> = {
  stages: () => [detectSpeech],
  models: speechModels,
  params: speechParams,
  run: ({ info, settings }, ctx) =>
    detectSpeech.run({ sampleCount: info.audio!.sampleCount }, speechParams(settings), ctx),
};

/** Speech in the sound of every track, heard afresh from its first frame on, as the paper's method wants it. */
export const detectTrackSpeechStep: Step<readonly DetectSpeechOutput[]> = {
  stages: () => [detectSpeech],
  models: speechModels,
  params: speechParams,
  async run({ results, info, settings }, ctx) {
    const { tracks } = results.linkTracks![0]!;
    const outputs: DetectSpeechOutput[] = [];
    for (const { startFrame, endFrame } of tracks) {
      const startSample = startFrame * SAMPLES_PER_FRAME;
      const endSample = Math.min(endFrame * SAMPLES_PER_FRAME, info.audio!.sampleCount);
      const { segments } = await detectSpeech.run(
        { startSample, sampleCount: Math.max(0, endSample - startSample) },
        speechParams(settings),
        { ...ctx, report: () => undefined },
      );
      outputs.push({ segments });
      ctx.report({ done: outputs.length, total: tracks.length, unit: 'tracks' });
    }
    return outputs;
  },
};

export const embedVoicesStep: Step<VoiceFrames> = {
  stages: () => [embedVoices],
  models: noModels,
  params: () => ({}),
  run: ({ info }, ctx) =>
    embedVoices.run({ startSample: 0, endSample: info.audio!.sampleCount }, {}, ctx),
};

export const embedVoiceWindowsStep: Step<VoiceWindows> = {
  stages: () => [embedVoiceWindows],
  models: (settings) => [voiceParams(settings).model],
  params: voiceParams,
  run: ({ plan, task, settings }, ctx) =>
    embedVoiceWindows.run(soundRange(plan, task.index), voiceParams(settings), ctx),
};

function speechModels({ vad }: DiarizeSettings): readonly string[] {
  return vad === 'silero' ? ['silero-vad'] : [];
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

function voiceParams({ speakerModel }: DiarizeSettings): EmbedVoiceWindowsParams {
  return { model: speakerModel === 'ecapa-tdnn' ? 'ecapa-tdnn' : 'resnetse34v2' };
}
