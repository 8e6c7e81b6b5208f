import type { Decoding } from './decode-speakers.js';
import type { LipEvidence } from './lip-evidence.js';
import type { CellRange, SpeechCells } from './speech-cells.js';

/** Lips are summed over this many cells to either side, 0.4 s. */
const HALF_WINDOW_CELLS = 4;
/** Log odds over the window that a face speaks at the same time as another, and that the speaker heard there does. */
const BOTH_LOG_ODDS = 3;
const FIRST_LOG_ODDS = 1;
/** Shortest overlap, 0.5 s. */
const MIN_OVERLAP_CELLS = 5;

/** A stretch in which two people speak at once. */
export interface Overlap extends CellRange {
  readonly first: number;
  readonly second: number;
}

/**
 * Stretches in which two visible people speak at once: both faces' lips clearly move as they do when these people speak.
 * Sound alone does not tell: a mixture of two voices looks like a third, so a speaker without a moving face gives way.
 */
export function findOverlap(cells: SpeechCells, lips: LipEvidence, decoding: Decoding): Overlap[] {
  if (lips.personCount < 2) return [];
  const speakerCount = decoding.models.length;
  const running = windowSums(cells, decoding.lips, speakerCount);
  const first = new Int32Array(cells.count).fill(-1);
  const second = new Int32Array(cells.count).fill(-1);
  for (let cell = 0; cell < cells.count; cell++) {
    const scores = running.subarray(cell * speakerCount, (cell + 1) * speakerCount);
    const heard = decoding.speaker[cell]!;
    const one = scores[heard]! >= FIRST_LOG_ODDS ? heard : clearest(scores, -1);
    const other = one < 0 ? -1 : clearest(scores, one);
    if (other < 0) continue;
    first[cell] = one;
    second[cell] = other;
  }
  const found: Overlap[] = [];
  let start = 0;
  for (let cell = 1; cell <= cells.count; cell++) {
    const goesOn =
      cell < cells.count &&
      first[cell] === first[start] &&
      second[cell] === second[start] &&
      cells.segment[cell] === cells.segment[start];
    if (goesOn) continue;
    if (second[start] !== -1 && cell - start >= MIN_OVERLAP_CELLS) {
      found.push({ start, end: cell, first: first[start]!, second: second[start]! });
    }
    start = cell;
  }
  return found;
}

/**
 * The same cells, with next to nothing said about voices where two people speak at once:
 * learning from these gives cleaner voices.
 */
export function withoutMixtures(cells: SpeechCells, overlaps: readonly Overlap[]): SpeechCells {
  const weight = cells.weight.slice();
  const sums = cells.sums.slice();
  const frameWeight = cells.frameWeight.slice();
  const width = cells.count > 0 ? sums.length / cells.count : 0;
  for (const { start, end } of overlaps) {
    const scale = (values: Float64Array | Float32Array, from: number, to: number): void => {
      for (let i = from; i < to; i++) values[i]! *= MIXTURE_WEIGHT;
    };
    scale(weight, start, end);
    scale(sums, start * width, end * width);
    scale(frameWeight, cells.startFrame[start]!, cells.endFrame[end - 1]!);
  }
  return { ...cells, weight, sums, frameWeight };
}

const MIXTURE_WEIGHT = 1e-3;

/** Speaker with the highest score of at least BOTH_LOG_ODDS, -1 for none. */
function clearest(scores: Float64Array, except: number): number {
  let best = -1;
  for (let speaker = 0; speaker < scores.length; speaker++) {
    if (speaker === except || scores[speaker]! < BOTH_LOG_ODDS) continue;
    if (best < 0 || scores[speaker]! > scores[best]!) best = speaker;
  }
  return best;
}

/** Sums of the lip scores over the window around each cell, inside its segment. */
function windowSums(cells: SpeechCells, scores: Float64Array, speakerCount: number): Float64Array {
  const sums = new Float64Array(scores.length);
  for (let cell = 0; cell < cells.count; cell++) {
    const from = Math.max(0, cell - HALF_WINDOW_CELLS);
    const to = Math.min(cells.count, cell + HALF_WINDOW_CELLS + 1);
    for (let other = from; other < to; other++) {
      if (cells.segment[other] !== cells.segment[cell]) continue;
      for (let speaker = 0; speaker < speakerCount; speaker++) {
        sums[cell * speakerCount + speaker]! += scores[other * speakerCount + speaker]!;
      }
    }
  }
  return sums;
}
