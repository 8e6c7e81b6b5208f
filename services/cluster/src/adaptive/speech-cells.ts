import type { TimeSpan } from '@avd/domain';
import { VOICE_DIMENSION, VOICE_RATE_HZ, type VoiceMatrix } from './voice-matrix.js';

/** Frames of a cell, 0.1 s: the grain of all decisions. */
const CELL_FRAMES = 10;
/** The louder half of the frames carries the voice; the rest is pauses, breath and other people's rooms. */
const QUIET_SHARE = 0.5;
const QUIET_WEIGHT = 0.02;
/** Loudness is compared within this span, so that a quiet speaker counts as much as a loud one. */
const LOUDNESS_SPAN_FRAMES = 300;
/** Shorter speech is left to its neighbours. */
const MIN_SEGMENT_FRAMES = 10;

/** Speech cut into cells; arrays have one entry a cell, in time order. */
export interface SpeechCells {
  readonly count: number;
  /** Voice frames [startFrame, endFrame) of the cell. */
  readonly startFrame: Int32Array;
  readonly endFrame: Int32Array;
  /** Index of the speech segment the cell is cut from. */
  readonly segment: Int32Array;
  /** Sum of the weights of its frames. */
  readonly weight: Float64Array;
  /** Weighted sums of its frames, shape (count, 16). */
  readonly sums: Float64Array;
  /** Weight of every frame of the recording; 0 outside of speech. */
  readonly frameWeight: Float32Array;
}

/** A run of cells [start, end) inside one segment. */
export interface CellRange {
  readonly start: number;
  readonly end: number;
}

/** Cuts speech into cells of about 0.1 s. Segments outside of the sound or shorter than 0.1 s give none. */
export function cutCells(voices: VoiceMatrix, speech: readonly TimeSpan[]): SpeechCells {
  const starts: number[] = [];
  const ends: number[] = [];
  const segments: number[] = [];
  const frameWeight = new Float32Array(voices.frameCount);
  for (const [segment, { startSec, endSec }] of speech.entries()) {
    const first = Math.max(0, Math.round(startSec * VOICE_RATE_HZ));
    const last = Math.min(voices.frameCount, Math.round(endSec * VOICE_RATE_HZ));
    if (last - first < MIN_SEGMENT_FRAMES) continue;
    weighFrames(voices.logEnergy, first, last, frameWeight);
    const count = Math.max(1, Math.round((last - first) / CELL_FRAMES));
    for (let i = 0; i < count; i++) {
      starts.push(first + Math.round(((last - first) * i) / count));
      ends.push(first + Math.round(((last - first) * (i + 1)) / count));
      segments.push(segment);
    }
  }
  const count = starts.length;
  const weight = new Float64Array(count);
  const sums = new Float64Array(count * VOICE_DIMENSION);
  for (let cell = 0; cell < count; cell++) {
    for (let t = starts[cell]!; t < ends[cell]!; t++) {
      const w = frameWeight[t]!;
      weight[cell]! += w;
      for (let k = 0; k < VOICE_DIMENSION; k++) {
        sums[cell * VOICE_DIMENSION + k]! += w * voices.values[t * VOICE_DIMENSION + k]!;
      }
    }
  }
  return {
    count,
    startFrame: Int32Array.from(starts),
    endFrame: Int32Array.from(ends),
    segment: Int32Array.from(segments),
    weight,
    sums,
    frameWeight,
  };
}

/** Silence before a cell, seconds; 0 inside a segment. */
export function pauseBeforeSec(cells: SpeechCells, cell: number): number {
  return (cells.startFrame[cell]! - cells.endFrame[cell - 1]!) / VOICE_RATE_HZ;
}

/** The cells of each segment. */
export function segmentRanges(cells: SpeechCells): CellRange[] {
  return cutWhere(cells, (cell) => cells.segment[cell] !== cells.segment[cell - 1]);
}

/** The cells of each phrase: segments with no pause longer than this between. */
export function phraseRanges(cells: SpeechCells, maxPauseSec: number): CellRange[] {
  return cutWhere(cells, (cell) => pauseBeforeSec(cells, cell) > maxPauseSec);
}

function cutWhere(cells: SpeechCells, isStart: (cell: number) => boolean): CellRange[] {
  const ranges: CellRange[] = [];
  let start = 0;
  for (let cell = 1; cell <= cells.count; cell++) {
    if (cell < cells.count && !isStart(cell)) continue;
    ranges.push({ start, end: cell });
    start = cell;
  }
  return ranges;
}

function weighFrames(
  logEnergy: Float32Array,
  first: number,
  last: number,
  out: Float32Array,
): void {
  const pieces = Math.max(1, Math.round((last - first) / LOUDNESS_SPAN_FRAMES));
  for (let piece = 0; piece < pieces; piece++) {
    const from = first + Math.round(((last - first) * piece) / pieces);
    const to = first + Math.round(((last - first) * (piece + 1)) / pieces);
    const sorted = logEnergy.slice(from, to).sort();
    const threshold = sorted[Math.floor(QUIET_SHARE * (sorted.length - 1))]!;
    for (let t = from; t < to; t++) out[t] = logEnergy[t]! >= threshold ? 1 : QUIET_WEIGHT;
  }
}
