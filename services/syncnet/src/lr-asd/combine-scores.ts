import { roundHalfEven } from '@avd/vision';

/** Scores of this many frames on both sides are averaged. */
const SMOOTHING_FRAMES = 2;

/**
 * Mean of the scores for each length of the pieces. Equal to numpy.mean over float32 rows, bit for bit.
 * @param scores one row for each length, shape (lengths, frames)
 * @returns shape (frames)
 */
export function meanAsdScores(scores: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(0), ...others] = scores;
  const sums = Float32Array.from(first);
  for (const row of others) for (let i = 0; i < sums.length; i++) sums[i]! += row[i]!;
  return sums.map((sum) => sum / scores.length);
}

/** One decimal, halves to the even one. Equal to numpy.round(scores, 1) of float32 values, bit for bit. */
export function roundAsdScores(scores: Float32Array): Float32Array {
  return scores.map((score) => roundHalfEven(Math.fround(score * 10)) / 10);
}

/**
 * Running mean over frames i-2..i+2, as far as there are any. Equal to the smoothing in `visualization` of LR-ASD
 * (tolerance 1e-9), except at the end: there the last score is never used, and when it is the only one the result
 * is NaN; `isReference` gives those numbers.
 * @returns shape (frames); a face speaks where it is at least 0
 */
export function smoothAsdScores(scores: Float32Array, isReference = false): Float64Array {
  const endOfAll = isReference ? scores.length - 1 : scores.length;
  return Float64Array.from(scores, (_, i) => {
    const start = Math.max(i - SMOOTHING_FRAMES, 0);
    const end = Math.min(i + SMOOTHING_FRAMES + 1, endOfAll);
    let sum = 0;
    for (let k = start; k < end; k++) sum += scores[k]!;
    return sum / (end - start);
  });
}
