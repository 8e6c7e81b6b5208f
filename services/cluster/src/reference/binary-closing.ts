import { findRuns } from './runs.js';

/**
 * Closes gaps shorter than widthFrames, then forgets activity near both ends: outside of the sequence counts as silence
 * for the erosion too, so about half the width is eroded away there even where it was solid.
 * Equal to scipy.ndimage.binary_closing with widthFrames ones (border value 0).
 *
 * @param active 0 or 1 a frame
 */
export function closeWithErodedEnds(active: Uint8Array, widthFrames: number): Uint8Array {
  const length = active.length;
  const before = widthFrames >> 1;
  const after = widthFrames - 1 - before;
  // An even width is lopsided, and the dilation mirrors it: what it adds on one side the erosion takes back there.
  const dilated = new Uint8Array(length);
  for (const run of findRuns(active)) {
    if (run.value !== 0) {
      dilated.fill(1, Math.max(0, run.start - before), run.start + run.length + after);
    }
  }
  const closed = new Uint8Array(length);
  for (const run of findRuns(dilated)) {
    const start = run.start + before;
    if (run.value !== 0) closed.fill(1, start, Math.max(start, run.start + run.length - after));
  }
  return closed;
}

/** Closes gaps shorter than widthFrames and leaves all activity as it is. */
export function closeGaps(active: Uint8Array, widthFrames: number): Uint8Array {
  const closed = active.slice();
  const runs = findRuns(active);
  for (const [index, run] of runs.entries()) {
    const isInner = index > 0 && index < runs.length - 1;
    if (run.value === 0 && isInner && run.length < widthFrames) {
      closed.fill(1, run.start, run.start + run.length);
    }
  }
  return closed;
}
