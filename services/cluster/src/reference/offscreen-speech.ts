import { normalizeRows, rowDot, type RowMatrix } from '../agglomerative-cosine.js';
import { majorityFilter } from './majority-filter.js';
import { findRuns } from './runs.js';
import { countSpeech, speechEndFrame } from './speech-frames.js';
import type { SpeakerVoices } from './speaker-voices.js';
import type { ReferenceInput, ReferenceParams } from './types.js';
import { groupUnknownFrames } from './unknown-voices.js';
import type { TrackActivity, Utterance } from './visible-speech.js';
import { frameRow } from './voice-row.js';

/** Left-over speech must be longer than this. */
const MIN_RUN_FRAMES = 10;
const MAJORITY_FRAMES = 25;
/** Number of a speaker nobody knows. */
export const UNKNOWN_LABEL = -1;

/** One stretch of speech of one voice without a visible speaking face. */
export interface OffscreenPiece {
  /** `<run>_<sub-run>`; the run counts silent runs too. */
  readonly key: string;
  readonly startFrame: number;
  readonly endFrame: number;
  /** Speaker number, UNKNOWN_LABEL, or speaker count + number of an unknown voice. */
  readonly label: number;
  /** Mean cosine similarity to the best known voice; 0 when no voice is known. */
  readonly similarity: number;
}

/**
 * Speech which no visible face explains, a number a frame: how many VAD segments remain after taking away the activity
 * of the tracks (0 where more faces speak than segments are there).
 */
export function leftoverSpeech(
  input: ReferenceInput,
  activities: readonly TrackActivity[],
  utterances: readonly Utterance[],
  quirks: boolean,
): Int16Array {
  const ends = input.tracks.map(
    ({ startFrame }, index) => startFrame + activities[index]!.closed.length,
  );
  const frameCount = ends.reduce((a, b) => Math.max(a, b), speechEndFrame(input.speech, quirks));
  const speech = countSpeech(input.speech, frameCount, quirks);
  if (quirks) {
    // Also activity too short for an utterance is taken away, and appears nowhere.
    for (const [index, { startFrame }] of input.tracks.entries()) {
      const { closed } = activities[index]!;
      for (let frame = 0; frame < closed.length; frame++)
        speech[startFrame + frame]! -= closed[frame]!;
    }
    for (let frame = 0; frame < frameCount; frame++) if (speech[frame]! < 0) speech[frame] = 0;
  } else {
    for (let frame = 0; frame < frameCount; frame++) if (speech[frame]! > 1) speech[frame] = 1;
    for (const { startFrame, endFrame } of utterances) speech.fill(0, startFrame, endFrame);
  }
  return speech;
}

/** Gives left-over speech to the known speakers by voice, frame by frame, smoothed by a majority filter. */
export function labelOffscreenSpeech(
  leftover: Int16Array,
  voices: RowMatrix,
  speakers: SpeakerVoices,
  params: ReferenceParams,
): OffscreenPiece[] {
  const { quirks } = params;
  const matches = matchRows(voices, speakers, params.offscreenMinSimilarity);
  const runs = findRuns(leftover)
    .map((run, index) => ({ ...run, index }))
    .filter(({ value, length }) => value > 0 && length > MIN_RUN_FRAMES)
    .map((run) => {
      const rows = new Int32Array(run.length);
      const labels = new Int32Array(run.length).fill(UNKNOWN_LABEL);
      if (voices.rowCount > 0) {
        for (let k = 0; k < run.length; k++) {
          rows[k] = frameRow(run.start + k, voices.rowCount, quirks);
          labels[k] = matches.labels[rows[k]!]!;
        }
      }
      return { ...run, rows, labels };
    });
  if (params.groupUnknownVoices && voices.rowCount > 0) {
    groupUnknownFrames(runs, voices, speakers.speakers.length, params.offscreenMinSimilarity);
  }

  return runs.flatMap(({ index, start, rows, labels }) => {
    const smooth = majorityFilter(labels, MAJORITY_FRAMES, quirks ? 'pythonSet' : 'keepCurrent');
    return findRuns(smooth).map((piece, pieceIndex) => {
      let similarity = 0;
      for (let k = piece.start; k < piece.start + piece.length; k++) {
        similarity += (matches.similarities[rows[k]!] ?? 0) / piece.length;
      }
      return {
        key: `${index}_${pieceIndex}`,
        startFrame: start + piece.start,
        endFrame: start + piece.start + piece.length,
        label: piece.value,
        similarity,
      };
    });
  });
}

/** Best known speaker of every voice row, UNKNOWN_LABEL below the limit; several frames share a row. */
function matchRows(
  voices: RowMatrix,
  { references, referenceLabels }: SpeakerVoices,
  minSimilarity: number,
): { labels: Int32Array; similarities: Float32Array } {
  const labels = new Int32Array(voices.rowCount).fill(UNKNOWN_LABEL);
  const similarities = new Float32Array(voices.rowCount);
  if (references.rowCount === 0) return { labels, similarities };
  const unit = normalizeRows(voices);
  for (let row = 0; row < unit.rowCount; row++) {
    let best = -Infinity;
    let nearest = 0;
    for (let reference = 0; reference < references.rowCount; reference++) {
      const similarity = rowDot(unit, row, references, reference);
      if (similarity > best) {
        best = similarity;
        nearest = reference;
      }
    }
    similarities[row] = best;
    if (best >= minSimilarity) labels[row] = referenceLabels[nearest]!;
  }
  return { labels, similarities };
}
