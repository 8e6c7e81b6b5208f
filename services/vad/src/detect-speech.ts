import type { TimeSpan } from '@avd/domain';
import { SAMPLE_RATE_HZ } from '@avd/domain';
import type { Stage, StageContext } from '@avd/stage-kit';
import {
  resolveDetectSpeechParams,
  type DetectSpeechParams,
  type ResolvedDetectSpeechParams,
} from './params.js';
import { readBlocks, type SoundSpan } from './read-blocks.js';
import { createSegmentCollector, vadFrameCount } from './segment-collector.js';
import { SILERO_MODEL_NAME, createSileroStream } from './silero-probabilities.js';
import { SILERO_WINDOW_SAMPLES, sampleToTenthSec, sileroSegments } from './silero-segments.js';
import { openWebRtcVad } from './webrtc-vad.js';

export interface DetectSpeechInput {
  /** First sample to listen to: 640 times the first frame for the sound of one face track. @default 0 */
  readonly startSample?: number;
  /** Samples to listen to; the detector starts afresh with the first. */
  readonly sampleCount: number;
}

export interface DetectSpeechOutput {
  /** Speech in order; times count from `startSample`. They may touch but do not overlap. */
  readonly segments: readonly TimeSpan[];
  /** Silero only: probability of speech per 32 ms, rounded to 4 decimals. */
  readonly probabilities?: readonly number[];
}

/** Whole frames of 10, 20 and 30 ms and of 512 samples fit into a block of 30.72 s. */
const BLOCK_SAMPLES = 491_520;

/**
 * Where somebody speaks, by sound alone. Silent, very short or no sound gives no segments.
 * Equal to `Vad.run` of the reference for the same sound, detector and parameters.
 */
export const detectSpeech: Stage<DetectSpeechInput, DetectSpeechOutput, DetectSpeechParams> = {
  name: 'vad.DetectSpeech',
  version: '1',
  async run(input, params, ctx) {
    const resolved = resolveDetectSpeechParams(params);
    const span = { startSample: input.startSample ?? 0, sampleCount: input.sampleCount };
    switch (resolved.detector) {
      case 'pywebrtcvad':
        return { segments: await detectWithWebRtc(span, resolved, ctx) };
      case 'silero':
        return detectWithSilero(span, resolved, ctx);
    }
  },
};

async function detectWithWebRtc(
  span: SoundSpan,
  { mode, frameMs, paddingMs }: ResolvedDetectSpeechParams,
  ctx: StageContext,
): Promise<TimeSpan[]> {
  const vad = await openWebRtcVad({ sampleRateHz: SAMPLE_RATE_HZ, mode, frameMs });
  try {
    const collector = createSegmentCollector({ frameMs, paddingMs });
    const segments: TimeSpan[] = [];
    const keep = (segment: TimeSpan | undefined): void => {
      if (segment !== undefined) segments.push(segment);
    };
    let framesLeft = vadFrameCount(span.sampleCount, vad.frameSamples);
    for await (const block of readBlocks(ctx, span, BLOCK_SAMPLES)) {
      for (
        let start = 0;
        framesLeft > 0 && start < block.length;
        start += vad.frameSamples, framesLeft--
      ) {
        keep(collector.push(vad.isSpeech(block.subarray(start, start + vad.frameSamples))));
      }
    }
    keep(collector.finish());
    return segments;
  } finally {
    vad.close();
  }
}

async function detectWithSilero(
  span: SoundSpan,
  params: ResolvedDetectSpeechParams,
  ctx: StageContext,
): Promise<DetectSpeechOutput> {
  if (span.sampleCount <= 0) return { segments: [], probabilities: [] };
  const stream = createSileroStream(await ctx.models.load(SILERO_MODEL_NAME));
  const probabilities: number[] = [];
  for await (const block of readBlocks(ctx, span, BLOCK_SAMPLES)) {
    for (let start = 0; start < block.length; start += SILERO_WINDOW_SAMPLES) {
      probabilities.push(
        await stream.next(block.subarray(start, start + SILERO_WINDOW_SAMPLES), ctx.signal),
      );
    }
  }
  const toSec = params.roundToTenthSec
    ? sampleToTenthSec
    : (sample: number) => sample / SAMPLE_RATE_HZ;
  const segments = sileroSegments(probabilities, span.sampleCount, params).map(
    ({ startSample, endSample }) => {
      const startSec = toSec(startSample);
      // The reference hands on start and duration: their sum can differ from the end in the last bit.
      return { startSec, endSec: startSec + (toSec(endSample) - startSec) };
    },
  );
  return { segments, probabilities: probabilities.map((value) => Math.round(value * 1e4) / 1e4) };
}
