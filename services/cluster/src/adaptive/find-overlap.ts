import type { Decoding } from './decode-speakers.js';
import type { LipEvidence } from './lip-evidence.js';
import type { CellRange, SpeechCells } from './speech-cells.js';

/** Lips are summed over this many cells to either side, 0.4 s, to tell whether a speaker's own face moves. */
const HALF_WINDOW_CELLS = 4;
/** Log odds over the window that the heard speaker's face moves, and that another face speaks instead. */
const OWN_LOG_ODDS = 1;
const INSTEAD_LOG_ODDS = 3;
/** Log odds that the lips of the second speaker must gather to begin an overlap, and in every cell of it. */
const BEGIN_LOG_ODDS = 3;
const CELL_LOG_ODDS = 0.1;
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
  const first = movingSpeakers(cells, decoding);
  const second = secondSpeakers(cells, decoding, first);
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

/** The heard speaker where the own face moves or else no face clearly speaks instead; -1 where the own face is still or unseen. */
function movingSpeakers(cells: SpeechCells, { speaker, lips, models }: Decoding): Int32Array {
  const running = windowSums(cells, lips, models.length);
  return speaker.map((heard, cell) => {
    const scores = running.subarray(cell * models.length, (cell + 1) * models.length);
    if (scores[heard]! >= OWN_LOG_ODDS) return heard;
    let best = -1;
    for (let other = 0; other < scores.length; other++) {
      if (scores[other]! >= INSTEAD_LOG_ODDS && (best < 0 || scores[other]! > scores[best]!))
        best = other;
    }
    return best;
  });
}

/** Viterbi over nobody or one more speaker in each cell, by lips alone. @returns second speaker, -1 for none */
function secondSpeakers(
  cells: SpeechCells,
  { lips, models }: Decoding,
  first: Int32Array,
): Int32Array {
  const nobody = models.length;
  const stateCount = models.length + 1;
  const total = new Float64Array(stateCount).fill(-Infinity);
  total[nobody] = 0;
  const from = new Int16Array(cells.count * stateCount);
  for (let cell = 0; cell < cells.count; cell++) {
    const bestTotal = Math.max(...total);
    const best = total.indexOf(bestTotal);
    const begin = total[nobody] - BEGIN_LOG_ODDS;
    for (let state = 0; state < nobody; state++) {
      const goesOn = total[state]! >= begin;
      from[cell * stateCount + state] = goesOn ? state : nobody;
      const possible = first[cell] !== -1 && first[cell] !== state;
      const score = possible ? lips[cell * nobody + state]! - CELL_LOG_ODDS : -Infinity;
      total[state] = (goesOn ? total[state]! : begin) + score;
    }
    from[cell * stateCount + nobody] = best;
    total[nobody] = bestTotal;
  }
  const path = new Int32Array(cells.count);
  let state = total.indexOf(Math.max(...total));
  for (let cell = cells.count - 1; cell >= 0; cell--) {
    path[cell] = state === nobody ? -1 : state;
    state = from[cell * stateCount + state]!;
  }
  return path;
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
