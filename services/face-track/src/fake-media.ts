import type { FaceDetection } from '@avd/domain';
import type { MediaReader, VideoFrame } from '@avd/stage-kit';
import type { FaceDetector } from './face-detector.js';

const SIZE_PX = 4;

/** Video of tiny grey frames in one buffer that is wiped before the next frame; for tests. */
export function createFakeMedia(
  greyByFrame: readonly number[],
): Pick<MediaReader, 'frames'> & { readonly asked: { startFrame: number; endFrame: number }[] } {
  const asked: { startFrame: number; endFrame: number }[] = [];
  return {
    asked,
    async *frames({ startFrame, endFrame }, { signal }): AsyncGenerator<VideoFrame> {
      asked.push({ startFrame, endFrame });
      const data = new Uint8Array(SIZE_PX * SIZE_PX * 3);
      for (let frameIndex = startFrame; frameIndex < endFrame; frameIndex++) {
        signal.throwIfAborted();
        if (frameIndex >= greyByFrame.length) return;
        data.fill(greyByFrame[frameIndex]!);
        yield { frameIndex, width: SIZE_PX, height: SIZE_PX, data };
        data.fill(0);
      }
    },
  };
}

/**
 * Detector whose answer depends on every frame and content score since the last multiple of its period, and
 * whose answers come late and out of order; for tests. It looks at frames `isLook` accepts.
 */
export function createFakeDetector(
  gridPeriodFrames: number,
  isLook: (frameIndex: number) => boolean,
): FaceDetector & { readonly mostInFlight: () => number } {
  let memory = NaN;
  let inFlight = 0;
  let most = 0;
  return {
    gridPeriodFrames,
    mostInFlight: () => most,
    detect: async (frame, contentScore) => {
      if (frame.frameIndex % gridPeriodFrames === 0) memory = 0;
      memory = (memory * 31 + frame.data[0]! + contentScore) % 65_537;
      if (!isLook(frame.frameIndex)) return undefined;
      const face: FaceDetection = {
        box: { left: memory, top: frame.frameIndex, right: memory + 50, bottom: frame.data[47]! },
        score: 1,
      };
      most = Math.max(most, ++inFlight);
      for (let turn = frame.frameIndex % 3; turn >= 0; turn--) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      inFlight--;
      return [face];
    },
  };
}
