import { alignSpeakers, isScoredRun, type ErrorRateOptions } from './error-rate.js';
import { microsToSec } from './lanes.js';
import { scoredRegions, trimTurns, type SpeakerTurn } from './regions.js';
import { forEachRun } from './runs.js';

export const ERROR_SPAN_KINDS = ['missed', 'falseAlarm', 'confusion'] as const;
export type ErrorSpanKind = (typeof ERROR_SPAN_KINDS)[number];

/** A stretch of time with one kind of error. */
export interface ErrorSpan {
  readonly kind: ErrorSpanKind;
  readonly startSec: number;
  readonly endSec: number;
  /** How many speakers at once are missed, too many or wrong. */
  readonly speakerCount: number;
  /** Who speaks according to each side. */
  readonly ref: readonly string[];
  readonly hyp: readonly string[];
}

/**
 * Where the errors of `diarizationErrorRate` (same turns, same options) are. Spans are in the order of time and
 * as long as nothing changes; their lengths times `speakerCount` add up to the times of that function.
 *
 * @throws AvdError invalidInput `BAD_COLLAR` for a bad collar.
 */
export function errorSpans(
  refTurns: readonly SpeakerTurn[],
  hypTurns: readonly SpeakerTurn[],
  options: ErrorRateOptions = {},
): ErrorSpan[] {
  const regions = scoredRegions(refTurns, hypTurns, options.uem ?? 'union');
  const { runs, skipOverlap, hypOfRef } = alignSpeakers(
    trimTurns(refTurns, regions),
    trimTurns(hypTurns, regions),
    regions,
    options,
  );
  const spans: ErrorSpan[] = [];
  forEachRun(runs, (run) => {
    if (!isScoredRun(run, skipOverlap)) return;
    const correct = run.ref.filter((refLane) => run.hyp.includes(hypOfRef[refLane]!)).length;
    const counts = {
      missed: Math.max(run.ref.length - run.hyp.length, 0),
      falseAlarm: Math.max(run.hyp.length - run.ref.length, 0),
      confusion: Math.min(run.ref.length, run.hyp.length) - correct,
    };
    for (const kind of ERROR_SPAN_KINDS) {
      if (counts[kind] === 0) continue;
      spans.push({
        kind,
        startSec: microsToSec(run.start),
        endSec: microsToSec(run.end),
        speakerCount: counts[kind],
        ref: run.ref.map((lane) => runs.ref.speakers[lane]!),
        hyp: run.hyp.map((lane) => runs.hyp.speakers[lane]!),
      });
    }
  });
  return spans;
}
