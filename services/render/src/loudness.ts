import { SAMPLE_RATE_HZ, SAMPLES_PER_FRAME } from '@avd/domain';
import type { MediaReader } from '@avd/stage-kit';
import { LOUDNESS_CODE } from './page/report-data.js';

const BLOCK_SAMPLES = 60 * SAMPLE_RATE_HZ;
const FULL_SCALE = 32_768;

/** Loudness (root mean square) of every frame of the sound, coded as the page wants it; empty without sound. */
export async function loudnessCode(media: MediaReader, signal: AbortSignal): Promise<string> {
  const sampleCount = media.info.audio?.sampleCount ?? 0;
  let code = '';
  for (let start = 0; start < sampleCount; start += BLOCK_SAMPLES) {
    signal.throwIfAborted();
    const samples = await media.samples(start, Math.min(sampleCount, start + BLOCK_SAMPLES));
    for (let at = 0; at < samples.length; at += SAMPLES_PER_FRAME) {
      const end = Math.min(samples.length, at + SAMPLES_PER_FRAME);
      let sum = 0;
      for (let i = at; i < end; i++) sum += samples[i]! * samples[i]!;
      const rms = Math.sqrt(sum / (end - at)) / FULL_SCALE;
      const step = Math.round(LOUDNESS_CODE.length + 20 * Math.log10(Math.max(rms, 1e-6)));
      code += LOUDNESS_CODE[Math.max(0, Math.min(LOUDNESS_CODE.length - 1, step))]!;
    }
  }
  return code;
}
