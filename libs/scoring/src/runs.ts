import type { IntegerSpans, SpeakerLanes } from './lanes.js';

export interface RunInput {
  readonly ref: SpeakerLanes;
  readonly hyp: SpeakerLanes;
  /** Only time inside of these is visited. */
  readonly regions: IntegerSpans;
  /** Time that is visited but marked (collars). */
  readonly marked?: IntegerSpans;
}

/** A stretch of time in which nobody starts or stops. The object is reused: read it, do not keep it. */
export interface Run {
  start: number;
  end: number;
  /** Lanes that speak, ascending. */
  readonly ref: readonly number[];
  readonly hyp: readonly number[];
  isMarked: boolean;
}

const REGION = 0;
const MARKED = 1;
const FIRST_LANE = 2;

/** Visits the runs of constant speakers in the order of time; cost grows with the number of turns, not with their length. */
export function forEachRun(input: RunInput, visit: (run: Run) => void): void {
  const { ref, hyp, regions, marked } = input;
  const firstHyp = FIRST_LANE + ref.speakers.length;
  const time: number[] = [];
  const code: number[] = [];
  const addSpans = ({ start, end }: IntegerSpans, codeOf: (index: number) => number): void => {
    for (let i = 0; i < start.length; i++) {
      if (end[i]! <= start[i]!) continue;
      time.push(start[i]!, end[i]!);
      code.push(codeOf(i), codeOf(i));
    }
  };
  addSpans(regions, () => REGION);
  if (marked !== undefined) addSpans(marked, () => MARKED);
  addSpans(ref, (i) => FIRST_LANE + ref.lane[i]!);
  addSpans(hyp, (i) => firstHyp + hyp.lane[i]!);

  const order = Uint32Array.from(time.keys()).sort((a, b) => time[a]! - time[b]!);
  const openCount = new Int32Array(firstHyp + hyp.speakers.length);
  const refActive: number[] = [];
  const hypActive: number[] = [];
  const run: Run = { start: 0, end: 0, ref: refActive, hyp: hypActive, isMarked: false };
  let reached = -Infinity;
  for (const event of order) {
    const now = time[event]!;
    if (now > reached && openCount[REGION]! > 0) {
      run.start = reached;
      run.end = now;
      run.isMarked = openCount[MARKED]! > 0;
      visit(run);
    }
    reached = now;
    const which = code[event]!;
    // Starts were pushed at even places, ends at odd ones.
    const isStart = event % 2 === 0;
    const before = openCount[which]!;
    openCount[which] = isStart ? before + 1 : before - 1;
    if (which < FIRST_LANE || before !== (isStart ? 0 : 1)) continue;
    const active = which < firstHyp ? refActive : hypActive;
    const lane = which < firstHyp ? which - FIRST_LANE : which - firstHyp;
    const place = active.findIndex((other) => other >= lane);
    if (isStart) active.splice(place < 0 ? active.length : place, 0, lane);
    else active.splice(place, 1);
  }
}
