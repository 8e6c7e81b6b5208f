import { assignMinCost } from './assignment.js';
import type { FrameCounts } from './frames.js';

/** Jaccard errors of the speakers of one recording. */
export interface SpeakerErrors {
  readonly hypSpeakerCount: number;
  /** 1 - intersection / union with the mapped speaker for each reference speaker, percent; 100 for an unmapped one. */
  readonly percents: readonly number[];
}

/**
 * Jaccard error of each reference speaker under the mapping that makes their sum smallest
 * (Ryant et al. 2019, second DIHARD challenge). Equal to metrics.jer of dscore.
 */
export function speakerErrors(counts: FrameCounts): SpeakerErrors {
  const { refFrames, hypFrames, sharedFrames } = counts;
  const hypCount = hypFrames.length;
  const cost = sharedFrames.map((shared, cell) => {
    const union = refFrames[Math.floor(cell / hypCount)]! + hypFrames[cell % hypCount]! - shared;
    // Two speakers too short to meet any frame are alike.
    return union > 0 ? 1 - shared / union : 0;
  });
  const hypOfRef = assignMinCost(cost, refFrames.length, hypCount);
  const percents = [...hypOfRef].map((hypLane, refLane) =>
    hypLane < 0 ? 100 : 100 * cost[refLane * hypCount + hypLane]!,
  );
  return { hypSpeakerCount: hypCount, percents };
}

/**
 * Jaccard error rate in percent: the mean over all reference speakers of all given recordings. Without any reference speaker it is 100 when
 * the hypothesis has one, else 0. Equal to metrics.jer of dscore.
 */
export function jaccardErrorRate(recordings: readonly SpeakerErrors[]): number {
  const percents = recordings.flatMap((recording) => recording.percents);
  if (percents.length === 0) {
    return recordings.some((recording) => recording.hypSpeakerCount > 0) ? 100 : 0;
  }
  return percents.reduce((sum, percent) => sum + percent, 0) / percents.length;
}
