import type { TimeSpan } from '@avd/domain';
import { toIntegerSpans, toSpeakerLanes } from './lanes.js';
import type { SpeakerTurn } from './regions.js';
import { forEachRun } from './runs.js';

/** Frame step of the clustering scores and of JER in dscore. */
const STEP_SEC = 0.01;

/** Frame counts of one recording, from runs: no array has one entry a frame. */
export interface FrameCounts {
  /** Frames of each speaker. */
  readonly refFrames: Float64Array;
  readonly hypFrames: Float64Array;
  /** Frames in which both speak, shape (refSpeakers, hypSpeakers), row-major. */
  readonly sharedFrames: Float64Array;
  readonly contingency: Contingency;
}

/**
 * How often each set of reference speakers meets each set of hypothesis speakers. Silence and every
 * combination of speakers is a class of its own.
 */
export interface Contingency {
  readonly rowTotals: readonly number[];
  readonly columnTotals: readonly number[];
  /** Cells with at least one frame. */
  readonly cells: readonly {
    readonly row: number;
    readonly column: number;
    readonly count: number;
  }[];
}

/** Turns must be trimmed to the regions. Equal to turns_to_frames and contingency_matrix of dscore with step 0.01. */
export function countFrames(
  refTurns: readonly SpeakerTurn[],
  hypTurns: readonly SpeakerTurn[],
  regions: readonly TimeSpan[],
): FrameCounts {
  const lastSec = regions.reduce((last, region) => Math.max(last, region.endSec), 0);
  const frameCount = Math.trunc(lastSec / STEP_SEC);
  const toFrame = (timeSec: number): number => Math.min(firstFrameFrom(timeSec), frameCount);
  const ref = toSpeakerLanes(refTurns, toFrame);
  const hyp = toSpeakerLanes(hypTurns, toFrame);
  const refFrames = new Float64Array(ref.speakers.length);
  const hypFrames = new Float64Array(hyp.speakers.length);
  const sharedFrames = new Float64Array(refFrames.length * hypFrames.length);
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  const rowTotals: number[] = [];
  const columnTotals: number[] = [];
  const cells = new Map<string, { row: number; column: number; count: number }>();
  forEachRun({ ref, hyp, regions: toIntegerSpans(regions, toFrame) }, (run) => {
    const count = run.end - run.start;
    for (const refLane of run.ref) {
      refFrames[refLane]! += count;
      for (const hypLane of run.hyp) sharedFrames[refLane * hypFrames.length + hypLane]! += count;
    }
    for (const hypLane of run.hyp) hypFrames[hypLane]! += count;
    const row = indexOfClass(rows, rowTotals, run.ref);
    const column = indexOfClass(columns, columnTotals, run.hyp);
    rowTotals[row]! += count;
    columnTotals[column]! += count;
    const key = `${row} ${column}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { row, column, count });
    else cell.count += count;
  });
  const contingency = { rowTotals, columnTotals, cells: [...cells.values()] };
  return { refFrames, hypFrames, sharedFrames, contingency };
}

function indexOfClass(
  classes: Map<string, number>,
  totals: number[],
  lanes: readonly number[],
): number {
  const key = lanes.join(' ');
  let index = classes.get(key);
  if (index === undefined) {
    index = totals.push(0) - 1;
    classes.set(key, index);
  }
  return index;
}

/** First frame n whose time n * 0.01 (in double precision) is not before the given time: numpy.searchsorted. */
function firstFrameFrom(timeSec: number): number {
  let frame = Math.ceil(timeSec / STEP_SEC);
  while (frame > 0 && (frame - 1) * STEP_SEC >= timeSec) frame--;
  while (frame * STEP_SEC < timeSec) frame++;
  return Math.max(frame, 0);
}
