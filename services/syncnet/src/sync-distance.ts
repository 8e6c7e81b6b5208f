/** Largest shift between lips and sound that is tried, in video frames, both ways. */
export const SYNC_MAX_SHIFT = 10;
/** Distances in a row: shifts -10..10. */
export const SYNC_SHIFT_COUNT = 2 * SYNC_MAX_SHIFT + 1;

/** As torch.nn.functional.cosine_similarity: keeps a zero vector from dividing by zero. */
const COSINE_EPSILON = 1e-8;

/** Consecutive feature vectors of a track, one a window. */
export interface FeatureRows {
  /** Shape (rows, featureCount). */
  readonly data: Float32Array;
  /** Window of the track the first row belongs to. */
  readonly startWindow: number;
}

/** Windows [startWindow, endWindow) of sound that the distances of a range of lip windows depend on. */
export function syncAudioWindowRange(
  startWindow: number,
  endWindow: number,
  windowCount: number,
): { readonly startWindow: number; readonly endWindow: number } {
  return {
    startWindow: Math.max(0, startWindow - SYNC_MAX_SHIFT),
    endWindow: Math.min(windowCount, endWindow + SYNC_MAX_SHIFT),
  };
}

/**
 * Distances between each lip window and the sound up to 10 windows before and after it: column j is
 * 1 - cosine(lips[i], audio[i + j - 10]). Where there is no sound (before the first and after the last
 * window) the distance is 1. The same bits whatever range of a track is given, provided `audio` covers
 * `syncAudioWindowRange`.
 * Equal to `calc_pdist` of the reference; tolerance 2e-6.
 * @returns shape (lip rows, 21)
 */
export function syncDistances(
  lips: FeatureRows,
  audio: FeatureRows,
  featureCount: number,
): Float32Array {
  const lipCount = lips.data.length / featureCount;
  const audioCount = audio.data.length / featureCount;
  if (!Number.isInteger(lipCount) || !Number.isInteger(audioCount)) {
    throw new RangeError(`features are not rows of ${featureCount} values`);
  }
  const lipNorms = rowNorms(lips.data, featureCount);
  const audioNorms = rowNorms(audio.data, featureCount);
  const distances = new Float32Array(lipCount * SYNC_SHIFT_COUNT).fill(1);
  for (let lipRow = 0; lipRow < lipCount; lipRow++) {
    const firstAudioRow = lips.startWindow + lipRow - SYNC_MAX_SHIFT - audio.startWindow;
    for (let shift = 0; shift < SYNC_SHIFT_COUNT; shift++) {
      const audioRow = firstAudioRow + shift;
      if (audioRow < 0 || audioRow >= audioCount) continue;
      const norms = Math.max(lipNorms[lipRow]! * audioNorms[audioRow]!, COSINE_EPSILON);
      const product = dot(
        lips.data,
        lipRow * featureCount,
        audio.data,
        audioRow * featureCount,
        featureCount,
      );
      // Rounded like the float32 tensors of the reference.
      distances[lipRow * SYNC_SHIFT_COUNT + shift] = 1 - Math.fround(product / norms);
    }
  }
  return distances;
}

function rowNorms(data: Float32Array, featureCount: number): Float64Array {
  return Float64Array.from({ length: data.length / featureCount }, (_, row) =>
    Math.sqrt(dot(data, row * featureCount, data, row * featureCount, featureCount)),
  );
}

function dot(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  count: number,
): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += a[aStart + i]! * b[bStart + i]!;
  return sum;
}
