import { AvdError, type TimeSpan } from '@avd/domain';
import { pairMaxWeight } from './assignment.js';
import {
  joinOverlapping,
  microsToSec,
  secToMicros,
  toIntegerSpans,
  toSpeakerLanes,
  type IntegerSpans,
  type SpeakerLanes,
} from './lanes.js';
import { scoredRegions, trimTurns, type ScoredTime, type SpeakerTurn } from './regions.js';
import { forEachRun, type Run, type RunInput } from './runs.js';

export interface ErrorRateOptions {
  /** Time before and after each start and end of a reference turn that is not scored, seconds. @default 0 @minimum 0 */
  readonly collarSec?: number;
  /** Leave out time in which two or more reference speakers speak (md-eval -1). @default false */
  readonly skipOverlap?: boolean;
  /** @default 'union' */
  readonly uem?: ScoredTime;
}

/** Diarization error rate and its three parts. Percentages are of the scored speaker time and may pass 100. */
export interface ErrorRates {
  /** Reference speech that is scored; two speakers at once count twice. */
  readonly scoredSec: number;
  readonly missedSec: number;
  readonly falseAlarmSec: number;
  /** Speech given to the wrong speaker. */
  readonly confusionSec: number;
  readonly derPercent: number;
  readonly missedPercent: number;
  readonly falseAlarmPercent: number;
  readonly confusionPercent: number;
}

/** The same times in whole microseconds, so that adding files up is exact. */
export interface ErrorMicros {
  readonly scored: number;
  readonly missed: number;
  readonly falseAlarm: number;
  readonly confusion: number;
}

/** One recording ready for scoring. */
export interface Alignment {
  readonly runs: RunInput;
  readonly skipOverlap: boolean;
  /** Hypothesis lane of each reference lane, -1 for none. */
  readonly hypOfRef: Int32Array;
  readonly micros: ErrorMicros;
}

/**
 * Diarization error rate of one recording: (missed + false alarm + confusion) / scored speaker time,
 * with the one-to-one speaker mapping that shares most time.
 * Equal to md-eval-22 as dscore calls it (NIST RT-09 plan); exact on intervals, no frames.
 * Times are rounded to the microsecond. The mapping is found without collar and with overlapping speech, as in md-eval;
 * between mappings of equal shared time the one with fewer scored errors is taken.
 * Where nothing is scored the rate is 0 without and 100 with false alarms.
 *
 * @throws AvdError invalidInput `BAD_COLLAR` when the collar is negative or not a number.
 */
export function diarizationErrorRate(
  refTurns: readonly SpeakerTurn[],
  hypTurns: readonly SpeakerTurn[],
  options: ErrorRateOptions = {},
): ErrorRates {
  const regions = scoredRegions(refTurns, hypTurns, options.uem ?? 'union');
  const { micros } = alignSpeakers(
    trimTurns(refTurns, regions),
    trimTurns(hypTurns, regions),
    regions,
    options,
  );
  return toErrorRates(micros);
}

/** Maps the speakers and adds up the errors; turns must be trimmed to the regions. */
export function alignSpeakers(
  refTurns: readonly SpeakerTurn[],
  hypTurns: readonly SpeakerTurn[],
  regions: readonly TimeSpan[],
  options: ErrorRateOptions,
): Alignment {
  const { collarSec = 0, skipOverlap = false } = options;
  if (!Number.isFinite(collarSec) || collarSec < 0) {
    throw new AvdError(
      'invalidInput',
      'BAD_COLLAR',
      `The collar must be a number of seconds of at least 0, not ${collarSec}.`,
    );
  }
  const ref = joinOverlapping(toSpeakerLanes(refTurns, secToMicros));
  const hyp = joinOverlapping(toSpeakerLanes(hypTurns, secToMicros));
  const runs: RunInput = {
    ref,
    hyp,
    regions: toIntegerSpans(regions, secToMicros),
    marked: collars(ref, secToMicros(collarSec)),
  };
  const hypCount = hyp.speakers.length;
  const shared = new Float64Array(ref.speakers.length * hypCount);
  const scoredShared = new Float64Array(shared.length);
  let scored = 0;
  let missed = 0;
  let falseAlarm = 0;
  let paired = 0;
  forEachRun(runs, (run) => {
    const micros = run.end - run.start;
    const refCount = run.ref.length;
    const isScored = isScoredRun(run, skipOverlap);
    for (const refLane of run.ref) {
      for (const hypLane of run.hyp) {
        shared[refLane * hypCount + hypLane]! += micros;
        if (isScored) scoredShared[refLane * hypCount + hypLane]! += micros;
      }
    }
    if (!isScored) return;
    scored += micros * refCount;
    missed += micros * Math.max(refCount - run.hyp.length, 0);
    falseAlarm += micros * Math.max(run.hyp.length - refCount, 0);
    paired += micros * Math.min(refCount, run.hyp.length);
  });
  const hypOfRef = pairMaxWeight(shared, scoredShared, ref.speakers.length, hypCount);
  let correct = 0;
  hypOfRef.forEach((hypLane, refLane) => {
    if (hypLane >= 0) correct += scoredShared[refLane * hypCount + hypLane]!;
  });
  const confusion = paired - correct;
  return { runs, skipOverlap, hypOfRef, micros: { scored, missed, falseAlarm, confusion } };
}

/** True for time that counts: outside of collars and, when asked for, of overlapping reference speech. */
export function isScoredRun(run: Run, skipOverlap: boolean): boolean {
  return !run.isMarked && !(skipOverlap && run.ref.length > 1);
}

function collars(ref: SpeakerLanes, collarMicros: number): IntegerSpans {
  const boundaries = [...ref.start, ...ref.end];
  return {
    start: boundaries.map((micros) => micros - collarMicros),
    end: boundaries.map((micros) => micros + collarMicros),
  };
}

export function toErrorRates({ scored, missed, falseAlarm, confusion }: ErrorMicros): ErrorRates {
  const errors = missed + falseAlarm + confusion;
  // Errors without scored speech can only be false alarms: 100 %, as dscore has it.
  const base = scored > 0 ? scored : Math.max(errors, 1);
  return {
    scoredSec: microsToSec(scored),
    missedSec: microsToSec(missed),
    falseAlarmSec: microsToSec(falseAlarm),
    confusionSec: microsToSec(confusion),
    derPercent: (100 * errors) / base,
    missedPercent: (100 * missed) / base,
    falseAlarmPercent: (100 * falseAlarm) / base,
    confusionPercent: (100 * confusion) / base,
  };
}
