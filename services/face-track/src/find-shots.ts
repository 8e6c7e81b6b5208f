import type { Shot } from '@avd/domain';

export interface ShotOptions {
  /** Content score from which a frame counts as changed. */
  readonly cutThreshold: number;
  /** Cuts closer together than this are merged. */
  readonly minShotFrames: number;
}

export const DEFAULT_SHOT_OPTIONS: ShotOptions = { cutThreshold: 27, minShotFrames: 15 };

/**
 * Splits a video into shots.
 *
 * Equal to PySceneDetect 0.6.5 (ContentDetector with the MERGE flash filter), which starts a shot at frame 0
 * and gives one shot when there is no cut.
 *
 * @param contentScores score of every frame against the one before it, shape (frameCount); the first is ignored
 */
export function findShots(
  contentScores: ArrayLike<number>,
  frameCount: number,
  options: ShotOptions = DEFAULT_SHOT_OPTIONS,
): Shot[] {
  if (frameCount === 0) return [];
  const starts = [0, ...findCuts(contentScores, frameCount, options)];
  return starts.map((startFrame, i) => ({ startFrame, endFrame: starts[i + 1] ?? frameCount }));
}

/**
 * First frames of the shots after the first one. A changed frame far enough from the changed frame before is a
 * cut. A closer one opens a merge (once there was a cut at all): all changes up to the next calm stretch, as long
 * as minShotFrames, become one cut at the last of them. That takes until the changes have gone on for
 * minShotFrames, and the end of the video drops a merge that is open.
 */
function findCuts(
  contentScores: ArrayLike<number>,
  frameCount: number,
  { cutThreshold, minShotFrames }: ShotOptions,
): number[] {
  const cuts: number[] = [];
  let lastChange = 0;
  let mergeStart: number | undefined;
  for (let frame = 1; frame < frameCount; frame++) {
    const isFarFromLast = frame - lastChange >= minShotFrames;
    const isChange = contentScores[frame]! >= cutThreshold;
    if (isChange) lastChange = frame;
    if (mergeStart !== undefined) {
      if (isFarFromLast && !isChange && lastChange - mergeStart >= minShotFrames) {
        cuts.push(lastChange);
        mergeStart = undefined;
      }
    } else if (isChange && isFarFromLast) {
      cuts.push(frame);
    } else if (isChange && cuts.length > 0) {
      mergeStart = frame;
    }
  }
  return cuts;
}
