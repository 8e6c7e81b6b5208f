import type { CellRange } from './speech-cells.js';
import { VOICE_DIMENSION as D } from './voice-matrix.js';
import type { VoiceSpace } from './voice-space.js';

/**
 * How far the same voice moves between two turns (mood, distance, words), in units of its variance over one second.
 * However long a turn is, it tells no more of the speaker than 1 / this.
 */
const TURN_VARIANCE = 1;

/** What a stretch of speech says about its voice: mean position and how many seconds it is worth. */
export interface VoiceSample {
  readonly precision: number;
  /** Shape (16). */
  readonly mean: Float64Array;
}

/** Sample of cells [start, end). */
export function sampleOf(space: VoiceSpace, { start, end }: CellRange): VoiceSample {
  const seconds = Math.max(1e-6, space.seconds[end]! - space.seconds[start]!);
  const mean = new Float64Array(D);
  for (let k = 0; k < D; k++) {
    mean[k] = (space.positions[end * D + k]! - space.positions[start * D + k]!) / seconds;
  }
  return { precision: 1 / (1 / Math.max(1e-3, seconds) + TURN_VARIANCE), mean };
}

/**
 * Log likelihood ratio of two samples coming from two speakers rather than one (two-covariance model):
 * positive for different voices, bounded below by what so much speech can tell.
 */
export function differentVoices(
  a: VoiceSample,
  b: VoiceSample,
  speakerVariance: Float64Array,
): number {
  const n = a.precision + b.precision;
  let quadratic = 0;
  let determinants = 1;
  for (let k = 0; k < D; k++) {
    const v = speakerVariance[k]!;
    const sumA = a.precision * a.mean[k]!;
    const sumB = b.precision * b.mean[k]!;
    const growA = 1 + a.precision * v;
    const growB = 1 + b.precision * v;
    const grow = 1 + n * v;
    quadratic += v * ((sumA * sumA) / growA + (sumB * sumB) / growB - (sumA + sumB) ** 2 / grow);
    determinants *= (growA * growB) / grow;
  }
  return 0.5 * (quadratic - Math.log(determinants));
}

/** A speaker's position: Gaussian belief after hearing some samples. */
export interface VoiceModel {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
}

/** Belief about one speaker from samples of it. */
export function modelOf(
  samples: readonly VoiceSample[],
  speakerVariance: Float64Array,
): VoiceModel {
  const precision = speakerVariance.map((v) => 1 / v);
  const mean = new Float64Array(D);
  for (const sample of samples) {
    for (let k = 0; k < D; k++) {
      precision[k]! += sample.precision;
      mean[k]! += sample.precision * sample.mean[k]!;
    }
  }
  for (let k = 0; k < D; k++) mean[k]! /= precision[k]!;
  return { mean, variance: precision.map((p) => 1 / p) };
}

/** Log likelihood, up to a constant common to all models, of `seconds` of speech at a mean position. */
export function logLikelihood(
  model: VoiceModel,
  positions: Float64Array,
  offset: number,
  seconds: number,
): number {
  const noise = 1 / Math.max(1e-3, seconds);
  let sum = 0;
  let determinants = 1;
  for (let k = 0; k < D; k++) {
    const variance = model.variance[k]! + noise;
    const difference = positions[offset + k]! - model.mean[k]!;
    sum += (difference * difference) / variance;
    determinants *= variance / noise;
  }
  return -0.5 * (sum + Math.log(determinants));
}
