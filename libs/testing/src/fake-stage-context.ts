import type { FrameRange } from '@avd/domain';

/** Shaped like `StageContext` of libs/stage-kit, without importing it (libs/testing stands below the kit). */
export interface FakeVideo {
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  /** Fills a frame, packed BGR. */
  paint(frameIndex: number, data: Uint8Array): void;
}

/** Answer of a network for one call. */
export type FakeRun = (
  inputs: Readonly<
    Record<string, { readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] }>
  >,
) => Record<string, { data: Float32Array; dims: number[] }>;

/** What `fakeStageContext` makes. */
export interface FakeStageContext {
  /** Indexes of all frames given out so far. */
  readonly decoded: number[];
  readonly signal: AbortSignal;
  report(): void;
  readonly media: {
    readonly info: { readonly video: Omit<FakeVideo, 'paint'>; readonly durationSec: number };
    frames(range: FrameRange): AsyncGenerator<{
      readonly frameIndex: number;
      readonly width: number;
      readonly height: number;
      readonly data: Uint8Array;
    }>;
    samples(): Promise<Int16Array>;
  };
  readonly models: {
    load(name: string): Promise<{
      readonly name: string;
      readonly sha256: string;
      run(inputs: Parameters<FakeRun>[0]): Promise<ReturnType<FakeRun>>;
    }>;
  };
}

/**
 * Context for a stage with a drawn video and networks that are plain functions. Frames share one buffer, as real
 * readers do; networks copy their input before they answer, and answer later, as real ones do.
 */
export function fakeStageContext(
  video: FakeVideo,
  networks: Readonly<Record<string, FakeRun>>,
): FakeStageContext {
  const decoded: number[] = [];
  const { width, height, frameCount } = video;
  return {
    decoded,
    signal: new AbortController().signal,
    report: () => undefined,
    media: {
      info: { video: { width, height, frameCount }, durationSec: frameCount / 25 },
      async *frames(range: FrameRange) {
        const data = new Uint8Array(width * height * 3);
        for (
          let frameIndex = range.startFrame;
          frameIndex < Math.min(range.endFrame, frameCount);
          frameIndex++
        ) {
          video.paint(frameIndex, data);
          decoded.push(frameIndex);
          yield { frameIndex, width, height, data };
        }
      },
      samples: async () => new Int16Array(0),
    },
    models: {
      load: async (name: string) => ({
        name,
        sha256: '',
        run: async (inputs: Parameters<FakeRun>[0]) => {
          const outputs = networks[name]!(inputs);
          await Promise.resolve();
          return outputs;
        },
      }),
    },
  };
}
