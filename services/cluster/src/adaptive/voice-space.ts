import { cholesky, forwardSubstitute, symmetricEigen, traceOfSolve } from './linear-algebra.js';
import type { CellRange, SpeechCells } from './speech-cells.js';
import { VOICE_DIMENSION as D, type VoiceMatrix } from './voice-matrix.js';

/** Weight that counts as one second of speech: not all frames of a second are loud. */
export const WEIGHT_PER_SEC = 70;
/** Blocks whose means are compared to learn how much one voice varies, seconds. */
const BLOCK_SEC = 0.75;
/** Pairs of neighbouring blocks that weigh as much as the frame statistics. */
const PRIOR_PAIRS = 20;
/** Frames that vary together: neighbouring frames are not independent observations. */
const PRIOR_CORRELATED_FRAMES = 8;
const PRIOR_CORRELATION_PAIRS = 5;
/** Spread of speakers expected before looking, in units of the spread of one second of one voice, and its weight in seconds. */
const PRIOR_SPEAKER_VARIANCE = 2;
const PRIOR_SPEAKER_SEC = 5;

/**
 * A space in which the mean of n seconds of one voice varies by 1/n in every direction, and speakers by
 * `speakerVariance`: the two-covariance model of speaker recognition (Brümmer & de Villiers, 2010), learned from the
 * recording alone by taking neighbouring blocks for one voice.
 */
export interface VoiceSpace {
  /** Running sums over cells of weight (seconds) and weighted position; shapes (count + 1), (count + 1, 16). */
  readonly seconds: Float64Array;
  readonly positions: Float64Array;
  readonly speakerVariance: Float64Array;
}

interface Block {
  readonly weight: number;
  readonly mean: Float64Array;
}

/** Learns the space from ranges of cells that each hold one voice (at first: speech segments). */
export function learnVoiceSpace(
  voices: VoiceMatrix,
  cells: SpeechCells,
  ranges: readonly CellRange[],
): VoiceSpace {
  const frameCovariance = new Float64Array(D * D);
  const pairScatter = new Float64Array(D * D);
  const blocks: Block[] = [];
  let frameWeight = 0;
  let pairCount = 0;
  const difference = new Float64Array(D);
  for (const range of ranges) {
    let previous: Block | undefined;
    for (const part of cutBlocks(cells, range)) {
      const block = blockMean(cells, part);
      if (block === undefined) continue;
      blocks.push(block);
      frameWeight += block.weight;
      addFrameScatter(voices, cells, part, block.mean, frameCovariance);
      if (previous !== undefined) {
        const scale = (block.weight * previous.weight) / (block.weight + previous.weight);
        for (let k = 0; k < D; k++) difference[k] = block.mean[k]! - previous.mean[k]!;
        addOuter(pairScatter, difference, scale);
        pairCount++;
      }
      previous = block;
    }
  }
  const within = withinCovariance(frameCovariance, frameWeight, pairScatter, pairCount);
  return project(cells, blocks, cholesky(within, D));
}

/** Covariance of one voice for unit weight: pairs of blocks as far as there are any, frames for the rest. */
function withinCovariance(
  frameScatter: Float64Array,
  frameWeight: number,
  pairScatter: Float64Array,
  pairCount: number,
): Float64Array {
  const frame = frameScatter.map((value) => value / Math.max(1, frameWeight));
  let trace = 0;
  for (let k = 0; k < D; k++) trace += frame[k * D + k]!;
  for (let k = 0; k < D; k++) frame[k * D + k]! += (1e-3 * trace) / D + 1e-6;
  let correlated = PRIOR_CORRELATED_FRAMES;
  if (pairCount >= 3) {
    const measured = traceOfSolve(cholesky(frame, D), D, pairScatter) / (D * pairCount);
    correlated =
      (pairCount * measured + PRIOR_CORRELATION_PAIRS * PRIOR_CORRELATED_FRAMES) /
      (pairCount + PRIOR_CORRELATION_PAIRS);
    correlated = Math.min(
      2.5 * PRIOR_CORRELATED_FRAMES,
      Math.max(0.5 * PRIOR_CORRELATED_FRAMES, correlated),
    );
  }
  return frame.map(
    (value, i) => (pairScatter[i]! + PRIOR_PAIRS * correlated * value) / (pairCount + PRIOR_PAIRS),
  );
}

function project(cells: SpeechCells, blocks: readonly Block[], lower: Float64Array): VoiceSpace {
  const centre = new Float64Array(D);
  let total = 0;
  for (const { weight, mean } of blocks) {
    total += weight;
    for (let k = 0; k < D; k++) centre[k]! += weight * mean[k]!;
  }
  for (let k = 0; k < D; k++) centre[k]! /= Math.max(1e-9, total);
  const unit = Math.sqrt(WEIGHT_PER_SEC);
  const whiten = (mean: Float64Array): void => {
    for (let k = 0; k < D; k++) mean[k] = (mean[k]! - centre[k]!) * unit;
    forwardSubstitute(lower, D, mean);
  };

  const scatter = new Float64Array(D * D);
  for (const { weight, mean } of blocks) {
    const position = mean.slice();
    whiten(position);
    addOuter(scatter, position, weight / Math.max(1e-9, total));
  }
  const { values, vectors } = symmetricEigen(scatter, D);
  const noise = total > 0 ? (blocks.length * WEIGHT_PER_SEC) / total : 0;
  const observedSec = blocks.length * BLOCK_SEC;
  const speakerVariance = values.map(
    (value) =>
      (observedSec * Math.max(0, value - noise) + PRIOR_SPEAKER_SEC * PRIOR_SPEAKER_VARIANCE) /
      (observedSec + PRIOR_SPEAKER_SEC),
  );

  const seconds = new Float64Array(cells.count + 1);
  const positions = new Float64Array((cells.count + 1) * D);
  const mean = new Float64Array(D);
  for (let cell = 0; cell < cells.count; cell++) {
    const weight = cells.weight[cell]!;
    const weightSec = weight / WEIGHT_PER_SEC;
    seconds[cell + 1] = seconds[cell]! + weightSec;
    for (let k = 0; k < D; k++) mean[k] = cells.sums[cell * D + k]! / weight;
    whiten(mean);
    for (let k = 0; k < D; k++) {
      let sum = 0;
      for (let j = 0; j < D; j++) sum += vectors[k * D + j]! * mean[j]!;
      positions[(cell + 1) * D + k] = positions[cell * D + k]! + weightSec * sum;
    }
  }
  return { seconds, positions, speakerVariance };
}

function cutBlocks(cells: SpeechCells, { start, end }: CellRange): CellRange[] {
  const spanSec = (cells.endFrame[end - 1]! - cells.startFrame[start]!) / 100;
  const count = Math.max(1, Math.round(spanSec / BLOCK_SEC));
  return Array.from({ length: count }, (_, i) => ({
    start: start + Math.round(((end - start) * i) / count),
    end: start + Math.round(((end - start) * (i + 1)) / count),
  })).filter((block) => block.end > block.start);
}

function blockMean(cells: SpeechCells, { start, end }: CellRange): Block | undefined {
  let weight = 0;
  const mean = new Float64Array(D);
  for (let cell = start; cell < end; cell++) {
    weight += cells.weight[cell]!;
    for (let k = 0; k < D; k++) mean[k]! += cells.sums[cell * D + k]!;
  }
  if (weight <= 0) return undefined;
  for (let k = 0; k < D; k++) mean[k]! /= weight;
  return { weight, mean };
}

function addFrameScatter(
  voices: VoiceMatrix,
  cells: SpeechCells,
  { start, end }: CellRange,
  mean: Float64Array,
  out: Float64Array,
): void {
  const difference = new Float64Array(D);
  for (let t = cells.startFrame[start]!; t < cells.endFrame[end - 1]!; t++) {
    for (let k = 0; k < D; k++) difference[k] = voices.values[t * D + k]! - mean[k]!;
    addOuter(out, difference, cells.frameWeight[t]!);
  }
}

function addOuter(out: Float64Array, x: Float64Array, scale: number): void {
  for (let i = 0; i < D; i++) {
    const scaled = scale * x[i]!;
    for (let j = 0; j < D; j++) out[i * D + j]! += scaled * x[j]!;
  }
}
