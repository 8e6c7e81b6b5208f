/** How well the number of speakers is found. */
export interface SpeakerCountScores {
  /** Recordings with exactly the right number, percent. */
  readonly exactPercent: number;
  /** Recordings with one speaker too many or too few, percent. */
  readonly offByOnePercent: number;
  /** Mean of |hypothesis - reference|, in speakers. */
  readonly meanAbsDifference: number;
}

export function speakerCountScores(
  recordings: readonly { readonly refSpeakerCount: number; readonly hypSpeakerCount: number }[],
): SpeakerCountScores {
  const differences = recordings.map((r) => Math.abs(r.hypSpeakerCount - r.refSpeakerCount));
  const percentOf = (wanted: number): number =>
    (100 * differences.filter((difference) => difference === wanted).length) / differences.length;
  return {
    exactPercent: percentOf(0),
    offByOnePercent: percentOf(1),
    meanAbsDifference: differences.reduce((sum, d) => sum + d, 0) / differences.length,
  };
}
