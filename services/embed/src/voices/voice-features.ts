import {
  CEPSTRUM_AFTER_SAMPLES,
  CEPSTRUM_BEFORE_SAMPLES,
  createCepstrumAnalyzer,
} from './voice-cepstrum.js';
import {
  findPitch,
  PITCH_AFTER_SAMPLES,
  PITCH_BEFORE_SAMPLES,
  thinOut,
  type Pitch,
} from './voice-pitch.js';
import { CEPSTRUM_COUNT, toVoiceByte, VOICE_COLUMNS, VOICE_HOP_SAMPLES } from './voice-frames.js';

/**
 * Samples of the recording that a frame depends on, before its first sample and from it on; multiples of the hop,
 * so that the same filters fall on the same samples whatever the block.
 */
export const VOICE_HALO_SAMPLES =
  VOICE_HOP_SAMPLES *
  Math.ceil(
    Math.max(
      CEPSTRUM_BEFORE_SAMPLES,
      PITCH_BEFORE_SAMPLES,
      CEPSTRUM_AFTER_SAMPLES,
      PITCH_AFTER_SAMPLES,
    ) / VOICE_HOP_SAMPLES,
  );

/** Number of voice frames of a recording; the last one may be short of samples (zeros stand in). */
export function voiceFrameCount(sampleCount: number): number {
  return Math.ceil(sampleCount / VOICE_HOP_SAMPLES);
}

/**
 * Voice frames of a stretch of sound as signed bytes (see VOICE_COLUMNS).
 * @param samples 16 kHz mono PCM, int16 values, frames' samples with VOICE_HALO_SAMPLES before and after; outside of the
 *   recording zeros, shape (frameCount * 160 + 2 * VOICE_HALO_SAMPLES)
 * @returns shape (frameCount, VOICE_COLUMNS.length)
 */
export function voiceFeatures(samples: Int16Array, frameCount: number): Int8Array {
  const sound = Float32Array.from(samples, (sample) => sample / 32_768);
  const thin = thinOut(sound);
  const analyzer = createCepstrumAnalyzer();
  const cepstrum = new Float64Array(CEPSTRUM_COUNT);
  const pitch: Pitch = { pitchHz: 0, voicing: 0 };
  const width = VOICE_COLUMNS.length;
  const out = new Int8Array(frameCount * width);
  for (let t = 0; t < frameCount; t++) {
    const position = VOICE_HALO_SAMPLES + t * VOICE_HOP_SAMPLES;
    const logEnergy = analyzer.analyze(sound, position, cepstrum);
    findPitch(thin, position, pitch);
    const row = t * width;
    for (let k = 0; k < CEPSTRUM_COUNT; k++)
      out[row + k] = toVoiceByte(cepstrum[k]!, VOICE_COLUMNS[k]!);
    out[row + CEPSTRUM_COUNT] = toVoiceByte(logEnergy, VOICE_COLUMNS[CEPSTRUM_COUNT]!);
    out[row + CEPSTRUM_COUNT + 1] = toVoiceByte(
      Math.log(pitch.pitchHz),
      VOICE_COLUMNS[CEPSTRUM_COUNT + 1]!,
    );
    out[row + CEPSTRUM_COUNT + 2] = toVoiceByte(pitch.voicing, VOICE_COLUMNS[CEPSTRUM_COUNT + 2]!);
  }
  return out;
}
