import { medianFilter } from '@avd/dsp';
import { SYNC_MAX_SHIFT, SYNC_SHIFT_COUNT } from './sync-distance.js';

/** Distance given to the frames that no window is centred on, three on each side. */
const PAD_DISTANCE = 10;
const PAD_FRAMES = 3;
const FILTER_FRAMES = 25;

/** How well the lips of a whole track go with the sound. */
export interface SyncSummary {
  /** Shift of the best fit in video frames: 10 less its column, so -10..10. */
  readonly offsetFrames: number;
  /** Median of the mean distances less the smallest: large when one shift fits and the others do not. */
  readonly confidence: number;
}

/**
 * Best shift and confidence of a track; the first column wins a tie.
 * Equal to `SyncNet.evaluate` of the reference; tolerance 2e-6.
 * @param distances all windows of the track, shape (windows, 21)
 * @returns undefined when there is no window
 */
export function summarizeSync(distances: Float32Array): SyncSummary | undefined {
  const means = bestColumn(distances);
  if (means === undefined) return undefined;
  return {
    offsetFrames: SYNC_MAX_SHIFT - means.column,
    confidence: Math.fround(means.medianDistance - means.distance),
  };
}

/**
 * Confidence per video frame that the visible lips speak: median of the mean distances less the distance at
 * the track's best shift. Six values more than windows, so one more than the track has frames when the sound
 * is as long as the picture; fewer when it is shorter.
 * Equal to the reference's confidence (before its median filter) in `Diarizer.run`; tolerance 1e-5.
 * @param distances all windows of the track, shape (windows, 21)
 * @returns shape (windows + 6); nothing when there is no window
 */
export function rawSyncConfidence(distances: Float32Array): Float32Array {
  const means = bestColumn(distances);
  if (means === undefined) return new Float32Array(0);
  const windowCount = distances.length / SYNC_SHIFT_COUNT;
  const confidence = new Float32Array(windowCount + 2 * PAD_FRAMES).fill(
    means.medianDistance - PAD_DISTANCE,
  );
  for (let window = 0; window < windowCount; window++) {
    const distance = distances[window * SYNC_SHIFT_COUNT + means.column]!;
    confidence[PAD_FRAMES + window] = means.medianDistance - distance;
  }
  return confidence;
}

/**
 * {@link rawSyncConfidence} after a running median of 25 frames with zeros beyond both ends, which pulls both
 * ends of a track down.
 * @returns shape (windows + 6); nothing when there is no window
 */
export function syncConfidence(distances: Float32Array): Float32Array {
  return Float32Array.from(medianFilter(rawSyncConfidence(distances), FILTER_FRAMES));
}

function bestColumn(
  distances: Float32Array,
):
  | { readonly column: number; readonly distance: number; readonly medianDistance: number }
  | undefined {
  const windowCount = distances.length / SYNC_SHIFT_COUNT;
  if (!Number.isInteger(windowCount))
    throw new RangeError(`distances are not rows of ${SYNC_SHIFT_COUNT} values`);
  if (windowCount === 0) return undefined;
  const sums = new Float64Array(SYNC_SHIFT_COUNT);
  for (let i = 0; i < distances.length; i++) sums[i % SYNC_SHIFT_COUNT]! += distances[i]!;
  const means = Float32Array.from(sums, (sum) => sum / windowCount);
  const distance = Math.min(...means);
  const medianDistance = means.toSorted()[SYNC_MAX_SHIFT]!;
  return { column: means.indexOf(distance), distance, medianDistance };
}
