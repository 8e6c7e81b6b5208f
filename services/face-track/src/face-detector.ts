import type { FaceDetection } from '@avd/domain';
import type { ModelPool, VideoFrame } from '@avd/stage-kit';

/**
 * Port to a face detector. One instance serves one pass over one range of frames, in order, and may
 * remember what it saw. Chunks must stay invisible, so memory has a limit: see `gridPeriodFrames`.
 */
export interface FaceDetector {
  /**
   * What is found in frame f may depend only on frames [floor(f / period) * period, f] (and on their content
   * scores). A detector with memory therefore forgets everything when it is handed a frame whose index is a
   * multiple of this period, and is always started on such a frame; one without memory states 1. At least 1.
   */
  readonly gridPeriodFrames: number;

  /**
   * Finds the faces of one frame. Frames come in order without holes.
   *
   * The pixels of `frame` are valid only until this call gives control back (its first `await`): the buffer
   * then belongs to the next frame. Several calls may be waiting for their result at the same time.
   *
   * @param contentScore how much the picture changed from frame to frame, 0 for frame 0 (see ContentScorer)
   * @returns boxes in pixels of the frame, [] when there is no face; undefined when the frame was not looked at
   */
  detect(
    frame: VideoFrame,
    contentScore: number,
    signal: AbortSignal,
  ): Promise<readonly FaceDetection[] | undefined>;
}

export interface FaceDetectorOptions {
  /** Look at frames whose index is a multiple of this, at least; 1 = every frame. */
  readonly detectEvery: number;
  /** Drop faces below this confidence, range [0, 1]; the detector's own default when absent. */
  readonly minScore?: number;
}

/** Loads the networks of a detector and makes it ready for one pass. */
export type CreateFaceDetector = (
  options: FaceDetectorOptions,
  models: ModelPool,
) => Promise<FaceDetector>;
