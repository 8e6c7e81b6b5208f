import type { Decoding } from './decode-speakers.js';
import type { LabelledRange } from './face-owners.js';
import type { LipEvidence } from './lip-evidence.js';
import type { SpeechCells } from './speech-cells.js';

/** Lips are summed over this many cells to either side, 0.4 s. */
const HALF_WINDOW_CELLS = 4;
/** Log odds over the window that the second face speaks too, and that the first one does. */
const SECOND_LOG_ODDS = 3;
const FIRST_LOG_ODDS = 1;
/** Shortest overlap, 0.5 s. */
const MIN_OVERLAP_CELLS = 5;

/**
 * Stretches in which a second visible person speaks too: both faces' lips clearly move as they do when these people speak.
 * Sound alone does not tell: a mixture of two voices looks like a third.
 */
export function findOverlap(cells: SpeechCells, lips: LipEvidence, decoding: Decoding): LabelledRange[] {
  if (lips.personCount < 2) return [];
  const speakerCount = decoding.models.length;
  const running = windowSums(cells, decoding.lips, speakerCount);
  const second = new Int32Array(cells.count).fill(-1);
  for (let cell = 0; cell < cells.count; cell++) {
    const first = decoding.speaker[cell]!;
    if (running[cell * speakerCount + first]! < FIRST_LOG_ODDS) continue;
    let best = SECOND_LOG_ODDS;
    for (let speaker = 0; speaker < speakerCount; speaker++) {
      if (speaker !== first && running[cell * speakerCount + speaker]! > best) {
        best = running[cell * speakerCount + speaker]!;
        second[cell] = speaker;
      }
    }
  }
  const found: LabelledRange[] = [];
  let start = 0;
  for (let cell = 1; cell <= cells.count; cell++) {
    if (cell < cells.count && second[cell] === second[start] && cells.segment[cell] === cells.segment[start]) continue;
    if (second[start] !== -1 && cell - start >= MIN_OVERLAP_CELLS) {
      found.push({ start, end: cell, speaker: second[start]! });
    }
    start = cell;
  }
  return found;
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
