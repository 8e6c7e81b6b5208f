import { AvdError, type RttmTurn, type UemRegion } from '@avd/domain';
import { byRecording } from './by-recording.js';
import {
  addSums,
  clusteringScores,
  contingencySums,
  type ClusteringScores,
  type ContingencySums,
} from './clustering.js';
import { alignSpeakers, toErrorRates, type ErrorMicros, type ErrorRates } from './error-rate.js';
import { countFrames } from './frames.js';
import { jaccardErrorRate, speakerErrors, type SpeakerErrors } from './jaccard.js';
import { scoredRegions, trimTurns, type ScoredTime } from './regions.js';
import { speakerCountScores, type SpeakerCountScores } from './speaker-count.js';

export interface ScoreOptions {
  /** Time around each start and end of a reference turn that the error rate leaves out, seconds. @default 0 @minimum 0 */
  readonly collarSec?: number;
  /** The error rate leaves out time in which two or more reference speakers speak. @default false */
  readonly skipOverlap?: boolean;
  /**
   * What to score: everything between the first start and the last end of both (`union`), of the `reference`, or
   * regions; with regions, recordings without one are left out. @default 'union'
   */
  readonly uem?: 'union' | 'reference' | readonly UemRegion[];
}

export interface Scores extends ErrorRates, ClusteringScores {
  /** Jaccard error rate. */
  readonly jerPercent: number;
  readonly refSpeakerCount: number;
  readonly hypSpeakerCount: number;
}

export interface FileScores extends Scores {
  readonly recording: string;
  /** Speakers taken for the same person by the error rate, by reference label. */
  readonly speakerPairs: readonly { readonly ref: string; readonly hyp: string }[];
}

export interface OverallScores extends Scores {
  readonly speakerCounts: SpeakerCountScores;
}

export interface ScoreResult {
  /** By name of the recording. */
  readonly files: readonly FileScores[];
  readonly overall: OverallScores;
  readonly collarSec: number;
  readonly skipOverlap: boolean;
}

const EMPTY_REASONS = {
  union: 'neither the reference nor the hypothesis has speaker turns',
  reference: 'the reference has no speaker turns',
} as const;

/**
 * Every score of dscore for every recording and for all together: the error rate from exact intervals (md-eval-22),
 * the others from 10 ms frames as dscore defines them. A recording that only one side has is scored against silence;
 * as in dscore and md-eval, recordings without reference speech do not enter the overall error rate and JER.
 *
 * @throws AvdError invalidInput `NOTHING_TO_SCORE` when no recording is left to score, `BAD_COLLAR` for a bad collar.
 */
export function scoreRecordings(
  ref: readonly RttmTurn[],
  hyp: readonly RttmTurn[],
  options: ScoreOptions = {},
): ScoreResult {
  const { uem = 'union', collarSec = 0, skipOverlap = false } = options;
  const refTurns = byRecording(ref);
  const hypTurns = byRecording(hyp);
  const regions = typeof uem === 'string' ? undefined : byRecording(uem);
  const scoredRecordings =
    regions ?? (uem === 'reference' ? refTurns : new Map([...refTurns, ...hypTurns]));
  const parts = [...scoredRecordings.keys()]
    .sort()
    .map((recording) =>
      scoreOne(
        recording,
        refTurns.get(recording) ?? [],
        hypTurns.get(recording) ?? [],
        typeof uem === 'string' ? uem : regions!.get(recording)!,
        { collarSec, skipOverlap },
      ),
    );
  if (parts.length === 0) {
    const reason = typeof uem === 'string' ? EMPTY_REASONS[uem] : 'the UEM has no regions';
    throw new AvdError('invalidInput', 'NOTHING_TO_SCORE', `There is nothing to score: ${reason}.`);
  }
  const files = parts.map((part) => part.scores);
  const total = (pick: (scores: FileScores) => number): number =>
    files.reduce((sum, scores) => sum + pick(scores), 0);
  return {
    files,
    overall: {
      ...toErrorRates(addMicros(parts.filter((part) => part.scores.refSpeakerCount > 0))),
      ...clusteringScores(addSums(parts.map((part) => part.sums))),
      jerPercent: jaccardErrorRate(parts.map((part) => part.speakers)),
      refSpeakerCount: total((scores) => scores.refSpeakerCount),
      hypSpeakerCount: total((scores) => scores.hypSpeakerCount),
      speakerCounts: speakerCountScores(files),
    },
    collarSec,
    skipOverlap,
  };
}

interface ScoredPart {
  readonly scores: FileScores;
  readonly micros: ErrorMicros;
  readonly sums: ContingencySums;
  readonly speakers: SpeakerErrors;
}

function scoreOne(
  recording: string,
  ref: readonly RttmTurn[],
  hyp: readonly RttmTurn[],
  scored: ScoredTime,
  options: { readonly collarSec: number; readonly skipOverlap: boolean },
): ScoredPart {
  const regions = scoredRegions(ref, hyp, scored);
  const refTurns = trimTurns(ref, regions);
  const hypTurns = trimTurns(hyp, regions);
  const { runs, hypOfRef, micros } = alignSpeakers(refTurns, hypTurns, regions, options);
  const counts = countFrames(refTurns, hypTurns, regions);
  const sums = contingencySums(counts.contingency);
  const speakers = speakerErrors(counts);
  const speakerPairs = [...hypOfRef].flatMap((hypLane, refLane) =>
    hypLane < 0 ? [] : [{ ref: runs.ref.speakers[refLane]!, hyp: runs.hyp.speakers[hypLane]! }],
  );
  return {
    scores: {
      recording,
      ...toErrorRates(micros),
      ...clusteringScores(sums),
      jerPercent: jaccardErrorRate([speakers]),
      refSpeakerCount: runs.ref.speakers.length,
      hypSpeakerCount: runs.hyp.speakers.length,
      speakerPairs,
    },
    micros,
    sums,
    speakers,
  };
}

function addMicros(parts: readonly ScoredPart[]): ErrorMicros {
  const total = { scored: 0, missed: 0, falseAlarm: 0, confusion: 0 };
  for (const { micros } of parts) {
    total.scored += micros.scored;
    total.missed += micros.missed;
    total.falseAlarm += micros.falseAlarm;
    total.confusion += micros.confusion;
  }
  return total;
}
