import { AvdError } from '@avd/domain';
import type { MediaReader, Stage } from '@avd/stage-kit';
import { VOICE_HALO_SAMPLES, voiceFeatures, voiceFrameCount } from './voice-features.js';
import { VOICE_COLUMNS, VOICE_HOP_SAMPLES, type VoiceFrames } from './voice-frames.js';

export interface EmbedVoicesInput {
  /** First sample of the range at 16 kHz, a multiple of 160. */
  readonly startSample: number;
  /** One past the last; the end of the recording or a multiple of 160. */
  readonly endSample: number;
}

export type EmbedVoicesParams = Record<string, never>;

/** Sound read and described at once: 60 s, so that memory does not depend on the range. */
const BLOCK_FRAMES = 6000;

/**
 * Describes the voice every 10 ms (mel cepstrum, loudness, pitch), without any trained network: `cluster.DiarizeAdaptive`
 * learns from the recording itself what tells its speakers apart. Ranges can be cut anywhere on the 10 ms grid: joined
 * results are the same to the byte.
 */
export const embedVoices: Stage<EmbedVoicesInput, VoiceFrames, EmbedVoicesParams> = {
  name: 'embed.EmbedVoices',
  version: '1',
  async run({ startSample, endSample }, _params, ctx) {
    const sampleCount = ctx.media.info.audio?.sampleCount ?? 0;
    const end = Math.min(endSample, sampleCount);
    if (
      startSample % VOICE_HOP_SAMPLES !== 0 ||
      (end % VOICE_HOP_SAMPLES !== 0 && end !== sampleCount)
    ) {
      throw new AvdError(
        'internal',
        'BAD_SAMPLE_RANGE',
        `Voice frames start every ${VOICE_HOP_SAMPLES} samples; the range ${startSample}..${endSample} does not.`,
      );
    }
    const startFrame = startSample / VOICE_HOP_SAMPLES;
    const frameCount = Math.max(0, voiceFrameCount(end) - startFrame);
    const bytes = new Int8Array(frameCount * VOICE_COLUMNS.length);
    for (let done = 0; done < frameCount; done += BLOCK_FRAMES) {
      ctx.signal.throwIfAborted();
      const count = Math.min(BLOCK_FRAMES, frameCount - done);
      const samples = await readWithHalo(ctx.media, startFrame + done, count, sampleCount);
      bytes.set(voiceFeatures(samples, count), done * VOICE_COLUMNS.length);
      ctx.report({ done: done + count, total: frameCount, unit: 'voice frames' });
    }
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
    return { startFrame, frameCount, columns: VOICE_COLUMNS, data };
  },
};

/** Samples of the frames and their halo, zeros outside of the recording. */
async function readWithHalo(
  media: MediaReader,
  startFrame: number,
  frameCount: number,
  sampleCount: number,
): Promise<Int16Array> {
  const first = startFrame * VOICE_HOP_SAMPLES - VOICE_HALO_SAMPLES;
  const padded = new Int16Array(frameCount * VOICE_HOP_SAMPLES + 2 * VOICE_HALO_SAMPLES);
  const from = Math.max(0, first);
  const to = Math.min(sampleCount, first + padded.length);
  if (to > from) padded.set(await media.samples(from, to), from - first);
  return padded;
}
