/** Box in pixels of the source frame; may reach outside of the picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** One face found in one frame. */
export interface FaceDetection {
  readonly box: Box;
  /** Detector confidence, range [0, 1]. */
  readonly score: number;
}

/** One face followed through one shot. All arrays have one entry per frame of [startFrame, endFrame). */
export interface FaceTrack {
  /** Position in the list of tracks of the video, from 0. */
  readonly trackIndex: number;
  readonly startFrame: number;
  readonly endFrame: number;
  /** Boxes, interpolated where the detector missed, not smoothed; 4 numbers a frame: left, top, right, bottom. */
  readonly boxes: readonly number[];
  /** Smoothed crop centre x, centre y and half size s; one number a frame each (median filter 13). */
  readonly centreX: readonly number[];
  readonly centreY: readonly number[];
  readonly halfSize: readonly number[];
}

/** A shot: frames between two cuts. */
export interface Shot {
  readonly startFrame: number;
  readonly endFrame: number;
}
