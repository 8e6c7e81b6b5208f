/**
 * The time base of the whole system: 25 video frames a second and 16 kHz mono sound, so that
 * frame n spans samples [640 n, 640 n + 640). Both are integers; times in seconds are derived.
 */
export const FRAMES_PER_SEC = 25;
export const SAMPLE_RATE_HZ = 16_000;
export const SAMPLES_PER_FRAME = SAMPLE_RATE_HZ / FRAMES_PER_SEC;

/** Half-open span [startSec, endSec) in seconds. */
export interface TimeSpan {
  readonly startSec: number;
  readonly endSec: number;
}

/** Half-open span [startFrame, endFrame) of frames at 25/s. */
export interface FrameRange {
  readonly startFrame: number;
  readonly endFrame: number;
}

/** Time of the first instant of a frame, in seconds. */
export function frameToSec(frameIndex: number): number {
  return frameIndex / FRAMES_PER_SEC;
}
