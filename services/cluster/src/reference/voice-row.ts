import { FRAMES_PER_SEC } from '@avd/domain';

/** Voice windows start this often. */
const ROWS_PER_SEC = 5;
/** Half of a 2 s window, in rows. */
const CENTRE_ROWS = 5;

/**
 * Row of the voice embedding for the middle of an utterance. The reference computes a float index and truncates it;
 * else the window whose centre is nearest is taken.
 *
 * @param rowCount at least 1
 */
export function utteranceRow(
  startFrame: number,
  endFrame: number,
  rowCount: number,
  quirks: boolean,
): number {
  if (!quirks) return nearestRow((startFrame + endFrame) / 2, rowCount);
  const middleSec = (startFrame / FRAMES_PER_SEC + endFrame / FRAMES_PER_SEC) / 2;
  return clampRow(middleSec * ROWS_PER_SEC - CENTRE_ROWS, rowCount);
}

/** Row of the voice embedding for one frame; see `utteranceRow`. */
export function frameRow(frameIndex: number, rowCount: number, quirks: boolean): number {
  if (!quirks) return nearestRow(frameIndex + 0.5, rowCount);
  return clampRow(frameIndex / (FRAMES_PER_SEC / ROWS_PER_SEC) - CENTRE_ROWS, rowCount);
}

function nearestRow(framePosition: number, rowCount: number): number {
  return clampRow(
    Math.round((framePosition * ROWS_PER_SEC) / FRAMES_PER_SEC - CENTRE_ROWS),
    rowCount,
  );
}

function clampRow(position: number, rowCount: number): number {
  return Math.trunc(Math.min(Math.max(0, position), rowCount - 1));
}
