/** Pitch is looked for in sound thinned out to 4 kHz: fine enough with interpolation, and 16 times cheaper. */
const DECIMATION = 4;
const RATE_HZ = 16_000 / DECIMATION;
const MIN_PITCH_HZ = 60;
const MAX_PITCH_HZ = 420;
const MIN_LAG = Math.floor(RATE_HZ / MAX_PITCH_HZ);
const MAX_LAG = Math.ceil(RATE_HZ / MIN_PITCH_HZ);
/** 40 ms: two periods of the lowest voice. */
const WINDOW = 160;
/** Prefers one period to two or three, which correlate as well. */
const LAG_PENALTY = 0.0016;
const FILTER_HALF_SAMPLES = 16;
const CUTOFF_HZ = 1000;
/** Where the window starts from the first thin sample of the frame, so that window and lag are centred on the frame. */
const WINDOW_SHIFT = 20 - ((WINDOW + MAX_LAG) >> 1);

/** Samples needed before the first sample of a frame, and from it on. */
export const PITCH_BEFORE_SAMPLES = -WINDOW_SHIFT * DECIMATION + FILTER_HALF_SAMPLES;
export const PITCH_AFTER_SAMPLES =
  (WINDOW_SHIFT + WINDOW + MAX_LAG + 1) * DECIMATION + FILTER_HALF_SAMPLES;

export interface Pitch {
  pitchHz: number;
  /** Normalised cross-correlation at the period, at most 1; voiced speech is mostly above 0.5. */
  voicing: number;
}

/** Low-pass filtered sound at 4 kHz. */
export interface ThinSound {
  readonly values: Float32Array;
}

/**
 * Filters and thins sound out: value m stands for sample 4 m (samples outside count as zero).
 * @param samples 16 kHz mono
 */
export function thinOut(samples: Float32Array): ThinSound {
  const filter = lowPassFilter();
  const values = new Float32Array(Math.ceil(samples.length / DECIMATION));
  for (let m = 0; m < values.length; m++) {
    const first = m * DECIMATION - FILTER_HALF_SAMPLES;
    let sum = 0;
    for (let i = Math.max(0, -first); i < filter.length && first + i < samples.length; i++) {
      sum += filter[i]! * samples[first + i]!;
    }
    values[m] = sum;
  }
  return { values };
}

/**
 * Pitch of the frame whose first sample is `position` (a multiple of 4), by normalised cross-correlation
 * (Talkin, "A robust algorithm for pitch tracking", 1995) without tracking over time.
 * @param out overwritten
 */
export function findPitch({ values }: ThinSound, position: number, out: Pitch): void {
  const start = position / DECIMATION + WINDOW_SHIFT;
  let base = 0;
  for (let i = 0; i < WINDOW; i++) base += values[start + i]! ** 2;
  let shifted = 0;
  for (let i = 0; i < WINDOW; i++) shifted += values[start + MIN_LAG - 1 + i]! ** 2;
  let best = -Infinity;
  let bestLag = MIN_LAG;
  for (let lag = MIN_LAG - 1; lag <= MAX_LAG + 1; lag++) {
    let cross = 0;
    for (let i = 0; i < WINDOW; i++) cross += values[start + i]! * values[start + lag + i]!;
    const at = lag - MIN_LAG + 1;
    correlations[at] = cross / Math.sqrt(base * shifted + 1e-9);
    shifted += values[start + lag + WINDOW]! ** 2 - values[start + lag]! ** 2;
    if (shifted < 0) shifted = 0;
    if (lag < MIN_LAG || lag > MAX_LAG) continue;
    const score = correlations[at] - LAG_PENALTY * lag;
    if (score > best) {
      best = score;
      bestLag = lag;
    }
  }
  const at = bestLag - MIN_LAG + 1;
  out.pitchHz =
    RATE_HZ /
    (bestLag + peakShift(correlations[at - 1]!, correlations[at]!, correlations[at + 1]!));
  out.voicing = correlations[at]!;
}

const correlations = new Float64Array(MAX_LAG - MIN_LAG + 3);

/** Offset of the top of the parabola through three points, in [-0.5, 0.5]. */
function peakShift(left: number, middle: number, right: number): number {
  const curvature = left - 2 * middle + right;
  if (curvature >= 0) return 0;
  return Math.max(-0.5, Math.min(0.5, (0.5 * (left - right)) / curvature));
}

/** Sinc under a Hamming window, sum 1. */
function lowPassFilter(): Float64Array {
  const length = 2 * FILTER_HALF_SAMPLES + 1;
  const weights = Float64Array.from({ length }, (_, i) => {
    const x = (2 * Math.PI * CUTOFF_HZ * (i - FILTER_HALF_SAMPLES)) / 16_000;
    const sinc = x === 0 ? 1 : Math.sin(x) / x;
    return sinc * (0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (length - 1)));
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}
