import { AvdError, SAMPLE_RATE_HZ } from '@avd/domain';
import { WavReader } from '@avd/media';
import type { MediaReader } from '@avd/stage-kit';

/** The sound of a recording alone, from its extracted WAV file: what listens needs no pictures. */
export async function openSound(wavPath: string): Promise<MediaReader & AsyncDisposable> {
  const wav = await WavReader.open(wavPath);
  const { sampleCount } = wav;
  return {
    info: {
      ...(sampleCount > 0 && { audio: { sampleCount } }),
      durationSec: sampleCount / SAMPLE_RATE_HZ,
    },
    frames() {
      throw new AvdError('internal', 'NO_PICTURES', 'Only the sound was opened.');
    },
    samples: (startSample, endSample) => wav.samples(startSample, endSample),
    [Symbol.asyncDispose]: () => wav[Symbol.asyncDispose](),
  };
}
