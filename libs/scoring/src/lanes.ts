import type { TimeSpan } from '@avd/domain';
import type { SpeakerTurn } from './regions.js';

/** Spans on a whole-number axis, half-open. */
export interface IntegerSpans {
  readonly start: number[];
  readonly end: number[];
}

/** Turns on a whole-number axis; lane k is speaker `speakers[k]`. */
export interface SpeakerLanes extends IntegerSpans {
  readonly lane: number[];
  /** Labels in code-point order. */
  readonly speakers: readonly string[];
}

const MICROS_PER_SEC = 1_000_000;

/**
 * Times of the error rate are whole microseconds, so sums are exact and do not depend on the order of the turns.
 * md-eval is fed with milliseconds by dscore; annotation times are no finer than that.
 */
export function secToMicros(timeSec: number): number {
  return Math.round(timeSec * MICROS_PER_SEC);
}

export function microsToSec(micros: number): number {
  return micros / MICROS_PER_SEC;
}

export function toIntegerSpans(
  spans: readonly TimeSpan[],
  toInteger: (timeSec: number) => number,
): IntegerSpans {
  return {
    start: spans.map((span) => toInteger(span.startSec)),
    end: spans.map((span) => toInteger(span.endSec)),
  };
}

export function toSpeakerLanes(
  turns: readonly SpeakerTurn[],
  toInteger: (timeSec: number) => number,
): SpeakerLanes {
  const speakers = [...new Set(turns.map((turn) => turn.speaker))].sort();
  const laneOf = new Map(speakers.map((speaker, lane) => [speaker, lane]));
  return {
    ...toIntegerSpans(turns, toInteger),
    lane: turns.map((turn) => laneOf.get(turn.speaker)!),
    speakers,
  };
}

/**
 * Joins turns of one speaker that overlap; turns that only touch stay apart, so a collar applies between them
 * (merge_turns of dscore). Empty turns vanish.
 */
export function joinOverlapping(lanes: SpeakerLanes): SpeakerLanes {
  const order = lanes.start.map((_, index) => index).filter((i) => lanes.end[i]! > lanes.start[i]!);
  order.sort((a, b) => lanes.lane[a]! - lanes.lane[b]! || lanes.start[a]! - lanes.start[b]!);
  const joined = { start: [] as number[], end: [] as number[], lane: [] as number[] };
  for (const index of order) {
    const start = lanes.start[index]!;
    const end = lanes.end[index]!;
    const lane = lanes.lane[index]!;
    const last = joined.lane.length - 1;
    if (last >= 0 && joined.lane[last] === lane && start < joined.end[last]!) {
      joined.end[last] = Math.max(joined.end[last]!, end);
    } else {
      joined.start.push(start);
      joined.end.push(end);
      joined.lane.push(lane);
    }
  }
  return { ...joined, speakers: lanes.speakers };
}
