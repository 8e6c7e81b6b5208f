import type { FaceTrack } from '@avd/domain';
import { fakeStageContext, type FakeRun } from '@avd/testing';
import type { StageContext } from '@avd/stage-kit';

/** A face that stands still. Only for tests. */
export function stillTrack(trackIndex: number, startFrame: number, endFrame: number): FaceTrack {
  const each = (value: number): number[] =>
    Array.from({ length: endFrame - startFrame }, () => value);
  return {
    trackIndex,
    startFrame,
    endFrame,
    boxes: [],
    centreX: each(30 + trackIndex),
    centreY: each(24),
    halfSize: each(8),
  };
}

/** Context of a stage for a video of changing brightness with noise for sound. Only for tests. */
export function noisyVideo(
  frameCount: number,
  sampleCount: number,
  networks: Readonly<Record<string, FakeRun>>,
): StageContext & { readonly decoded: readonly number[] } {
  const video = {
    width: 64,
    height: 48,
    frameCount,
    paint: (frameIndex: number, data: Uint8Array): void => void data.fill((frameIndex * 37) % 256),
  };
  const sound = Int16Array.from({ length: sampleCount }, (_, i) => ((i * 7919) % 20_011) - 10_000);
  const context = fakeStageContext(video, networks);
  return {
    ...context,
    media: {
      ...context.media,
      info: { ...context.media.info, audio: { sampleCount } },
      samples: async (startSample: number, endSample: number) =>
        sound.slice(startSample, endSample),
    },
  };
}
