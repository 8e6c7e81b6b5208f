import { medianFilter } from '@avd/dsp';

/** Shifts of the sound against the lips: -10..10 frames. */
export const SYNC_SHIFT_COUNT = 21;
/** Width of the smoothing over time, in frames. */
const SMOOTHING_FRAMES = 25;
/** The reference pads the distances by this many rows of this distance at both ends. */
const PADDING_ROWS = 3;
const PADDING_DISTANCE = 10;
/** A lip window covers 5 frames; its confidence belongs to the middle one. */
const WINDOW_MIDDLE_FRAME = 2;

/**
 * Confidence of a track: median over the shifts of the mean distance, minus each row's distance at the best shift
 * (the one of the smallest mean).
 *
 * @param distances shape (rows, 21), row-major
 * @returns shape (rows), before padding and smoothing, and the median it was taken from
 */
function rowConfidence(distances: Float32Array): { rows: Float32Array; median: number } {
  const rowCount = Math.floor(distances.length / SYNC_SHIFT_COUNT);
  const means = new Float64Array(SYNC_SHIFT_COUNT);
  for (let row = 0; row < rowCount; row++) {
    for (let shift = 0; shift < SYNC_SHIFT_COUNT; shift++) {
      means[shift]! += distances[row * SYNC_SHIFT_COUNT + shift]! / rowCount;
    }
  }
  const best = means.indexOf(Math.min(...means));
  const median = means.toSorted()[SYNC_SHIFT_COUNT >> 1]!;
  const rows = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    rows[row] = median - distances[row * SYNC_SHIFT_COUNT + best]!;
  }
  return { rows, median };
}

/**
 * Smoothed confidence as the reference aligns it: 3 rows of distance 10 on both sides, median 25 with zeros beyond the
 * ends, so that the ends are pulled down and the vector is one longer than the track.
 * Equal to `fconfm` of voxconverse.diarizer; tolerance 1e-5.
 *
 * @param distances shape (rows, 21)
 * @returns shape (rows + 6)
 */
export function paddedSyncConfidence(distances: Float32Array): Float32Array {
  const { rows, median } = rowConfidence(distances);
  const padded = new Float32Array(rows.length + 2 * PADDING_ROWS).fill(median - PADDING_DISTANCE);
  padded.set(rows, PADDING_ROWS);
  return Float32Array.from(medianFilter(padded, SMOOTHING_FRAMES));
}

/**
 * Smoothed confidence, one number a frame: each row at the middle of its lip window, the first and last row repeated
 * towards the ends of the track, 0 where the sound ended early.
 *
 * @param distances shape (rows, 21)
 * @returns shape (frameCount)
 */
export function alignedSyncConfidence(distances: Float32Array, frameCount: number): Float32Array {
  const { rows } = rowConfidence(distances);
  const confidence = new Float32Array(frameCount);
  if (rows.length === 0) return confidence;
  const half = SMOOTHING_FRAMES >> 1;
  const extended = new Float32Array(rows.length + 2 * half + 2 * PADDING_ROWS);
  for (let k = 0; k < extended.length; k++) {
    extended[k] = rows[Math.min(Math.max(k - half - PADDING_ROWS, 0), rows.length - 1)]!;
  }
  const smooth = medianFilter(extended, SMOOTHING_FRAMES);
  const covered = Math.min(frameCount, rows.length + WINDOW_MIDDLE_FRAME + PADDING_ROWS);
  for (let frame = 0; frame < covered; frame++) {
    confidence[frame] = smooth[frame - WINDOW_MIDDLE_FRAME + PADDING_ROWS + half]!;
  }
  return confidence;
}
