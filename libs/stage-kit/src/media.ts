import type { FrameRange } from '@avd/domain';

/** What is known of a media file after probing it. */
export interface MediaInfo {
  /** Picture size as shown, after rotation; absent when there is no picture. */
  readonly video?: { readonly width: number; readonly height: number; readonly frameCount: number };
  /** Samples at 16 kHz mono; absent when there is no sound. */
  readonly audio?: { readonly sampleCount: number };
  readonly durationSec: number;
}

/** One decoded picture: packed BGR, 3 bytes a pixel, rows top to bottom. */
export interface BgrImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A frame on the 25/s grid. `data` is reused: it is valid only until the next frame is asked for. */
export interface VideoFrame extends BgrImage {
  readonly frameIndex: number;
}

/** Port to decoded media; implemented by libs/media. */
export interface MediaReader {
  readonly info: MediaInfo;
  /**
   * Frames of the range in order, exactly as when decoded from the start of the file.
   * @param options.step every step-th frame only: those whose index is a multiple of it (default 1: every frame)
   * @param options.only these frames of the range alone, ascending and few: cheaper than taking all
   */
  frames(
    range: FrameRange,
    options: {
      readonly signal: AbortSignal;
      readonly step?: number;
      readonly only?: readonly number[];
    },
  ): AsyncIterable<VideoFrame>;
  /** Samples [startSample, endSample) of the 16 kHz mono sound; zeros are never added. */
  samples(startSample: number, endSample: number): Promise<Int16Array>;
}
