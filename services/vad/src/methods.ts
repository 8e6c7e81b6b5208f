import { SAMPLES_PER_FRAME, type FrameRange } from '@avd/domain';
import type { StageContext, StageMethod } from '@avd/stage-kit';
import { detectSpeech, type DetectSpeechOutput } from './detect-speech.js';
import type { DetectSpeechParams } from './params.js';
import { SILERO_MODEL_NAME } from './silero-probabilities.js';

export interface DetectSpeechSpec {
  /** Samples to listen to; the detector starts afresh with the first. @default the whole sound */
  readonly sampleRange?: { readonly startSample: number; readonly endSample: number };
  readonly params: DetectSpeechParams;
}

export const detectSpeechMethod: StageMethod<
  DetectSpeechSpec,
  Record<string, never>,
  DetectSpeechOutput
> = {
  stage: 'vad',
  name: detectSpeech.name,
  version: detectSpeech.version,
  models: speechModels,
  run({ sampleRange, params }, _inputs, ctx) {
    const { startSample, endSample } = sampleRange ?? {
      startSample: 0,
      endSample: soundEnd(ctx),
    };
    return detectSpeech.run({ startSample, sampleCount: endSample - startSample }, params, ctx);
  },
};

export interface DetectTrackSpeechSpec {
  readonly params: DetectSpeechParams;
}

export interface DetectTrackSpeechInputs {
  readonly linkTracks: readonly { readonly tracks: readonly FrameRange[] }[];
}

/** Speech in the sound of every track, heard afresh from its first frame on, as the paper's method wants it. */
export const detectTrackSpeechMethod: StageMethod<
  DetectTrackSpeechSpec,
  DetectTrackSpeechInputs,
  readonly DetectSpeechOutput[]
> = {
  stage: 'vad',
  name: 'vad.DetectTrackSpeech',
  version: detectSpeech.version,
  models: speechModels,
  async run({ params }, { linkTracks }, ctx) {
    const { tracks } = linkTracks[0]!;
    const outputs: DetectSpeechOutput[] = [];
    for (const { startFrame, endFrame } of tracks) {
      const startSample = startFrame * SAMPLES_PER_FRAME;
      const endSample = Math.min(endFrame * SAMPLES_PER_FRAME, soundEnd(ctx));
      const { segments } = await detectSpeech.run(
        { startSample, sampleCount: Math.max(0, endSample - startSample) },
        params,
        { ...ctx, report: () => undefined },
      );
      outputs.push({ segments });
      ctx.report({ done: outputs.length, total: tracks.length, unit: 'tracks' });
    }
    return outputs;
  },
};

function speechModels({ params }: { readonly params: DetectSpeechParams }): readonly string[] {
  return params.detector === 'silero' ? [SILERO_MODEL_NAME] : [];
}

function soundEnd({ media }: StageContext): number {
  return media.info.audio?.sampleCount ?? 0;
}
