import { SAMPLES_PER_FRAME, type FaceTrack } from '@avd/domain';
import type { SignalBlock } from '@avd/dsp';
import type { MediaReader } from '@avd/stage-kit';

/** The recording from the first to the last frame of a track, as a signal of its own. */
export interface TrackSound {
  /** Samples there are: fewer than the frames span when the sound ends early. */
  readonly sampleCount: number;
  /** Samples counted from the first frame of the track. */
  read(range: { readonly startSample: number; readonly endSample: number }): Promise<SignalBlock>;
}

export function trackSound({ startFrame, endFrame }: FaceTrack, media: MediaReader): TrackSound {
  const first = startFrame * SAMPLES_PER_FRAME;
  const available = (media.info.audio?.sampleCount ?? 0) - first;
  const sampleCount = Math.max(0, Math.min(available, (endFrame - startFrame) * SAMPLES_PER_FRAME));
  return {
    sampleCount,
    read: async ({ startSample, endSample }) => ({
      samples: await media.samples(first + startSample, first + endSample),
      startSample,
      signalSampleCount: sampleCount,
    }),
  };
}
