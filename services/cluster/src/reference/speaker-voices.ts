import { agglomerativeAverage } from '../agglomerative.js';
import { normalizeRows, rowDot, type RowMatrix } from '../agglomerative-cosine.js';
import type { ReferenceParams, ReferenceSpeaker, ReferenceTrack } from './types.js';
import type { Utterance } from './visible-speech.js';
import { utteranceRow } from './voice-row.js';

/**
 * Added to the distance of two faces seen in one frame. The reference adds 100; the mean over very large groups could
 * thin that out, so that without quirks it is too large for any group.
 */
const SEEN_TOGETHER_PENALTY = 100;
const SEEN_TOGETHER_STRICT_PENALTY = 1e12;

/** The people seen speaking, and how their voices sound. */
export interface SpeakerVoices {
  /** Face ids with an utterance, ascending. */
  readonly faceIds: readonly number[];
  /** Speaker number of each face id; the numbering of scikit-learn's clustering, which decides later ties. */
  readonly labels: Int32Array;
  /** By speaker number. */
  readonly speakers: readonly ReferenceSpeaker[];
  /** Unit vectors to compare voices with, no row when there is no voice embedding. */
  readonly references: RowMatrix;
  /** Speaker number of each row of `references`. */
  readonly referenceLabels: Int32Array;
}

/**
 * Joins faces that sound alike: the voice of a face is the mean of the embeddings at the middle of its utterances, and
 * average linkage over cosine distances joins them, except faces that share a frame.
 */
export function identifySpeakers(
  tracks: readonly ReferenceTrack[],
  utterances: readonly Utterance[],
  voices: RowMatrix,
  params: ReferenceParams,
): SpeakerVoices {
  const { quirks } = params;
  const faceIds = [...new Set(utterances.map(({ track }) => track.faceId))].sort((a, b) => a - b);
  const rows = quirks ? voices : normalizeRows(voices);
  const hasVoices = rows.rowCount > 0;
  const faceOf = new Map(faceIds.map((faceId, index) => [faceId, index]));
  const means = hasVoices
    ? meanRows(
        utterances.map(({ startFrame, endFrame, track }) => ({
          row: utteranceRow(startFrame, endFrame, rows.rowCount, quirks),
          group: faceOf.get(track.faceId)!,
        })),
        rows,
        faceIds.length,
      )
    : { data: new Float32Array(0), rowCount: 0, columnCount: 0 };
  const labels = hasVoices
    ? agglomerativeAverage(
        voiceDistances(faceIds, tracks, means, quirks),
        faceIds.length,
        params.voiceMergeDistance,
      )
    : Int32Array.from(faceIds.keys());

  const speakers = speakersOf(faceIds, labels);
  if (quirks || !hasVoices) {
    return { faceIds, labels, speakers, references: normalizeRows(means), referenceLabels: labels };
  }
  const members = faceIds.map((_, face) => ({ row: face, group: labels[face]! }));
  return {
    faceIds,
    labels,
    speakers,
    references: normalizeRows(meanRows(members, means, speakers.length)),
    referenceLabels: Int32Array.from(speakers.keys()),
  };
}

/** Mean of the given rows of each group; groups without a row are zero. */
function meanRows(
  members: readonly { row: number; group: number }[],
  rows: RowMatrix,
  groupCount: number,
): RowMatrix {
  const { columnCount } = rows;
  const data = new Float32Array(groupCount * columnCount);
  const counts = new Int32Array(groupCount);
  for (const { row, group } of members) {
    counts[group]!++;
    for (let k = 0; k < columnCount; k++) {
      data[group * columnCount + k]! += rows.data[row * columnCount + k]!;
    }
  }
  for (let k = 0; k < data.length; k++) data[k]! /= counts[Math.floor(k / columnCount)]! || 1;
  return { data, rowCount: groupCount, columnCount };
}

/** Condensed matrix over the faces: 1 - cosine, plus the penalty where two faces share a frame. */
export function voiceDistances(
  faceIds: readonly number[],
  tracks: readonly ReferenceTrack[],
  means: RowMatrix,
  quirks: boolean,
): Float64Array {
  const unit = normalizeRows(means);
  const penalty = quirks ? SEEN_TOGETHER_PENALTY : SEEN_TOGETHER_STRICT_PENALTY;
  const tracksOf = new Map<number, ReferenceTrack[]>();
  for (const track of tracks) {
    const ofFace = tracksOf.get(track.faceId);
    if (ofFace === undefined) tracksOf.set(track.faceId, [track]);
    else ofFace.push(track);
  }
  const distances = new Float64Array((faceIds.length * (faceIds.length - 1)) / 2);
  let position = 0;
  for (let i = 0; i < faceIds.length; i++) {
    for (let j = i + 1; j < faceIds.length; j++) {
      const together = areSeenTogether(tracksOf.get(faceIds[i]!)!, tracksOf.get(faceIds[j]!)!);
      distances[position++] = 1 - rowDot(unit, i, unit, j) + (together ? penalty : 0);
    }
  }
  return distances;
}

function areSeenTogether(a: readonly ReferenceTrack[], b: readonly ReferenceTrack[]): boolean {
  return a.some((one) =>
    b.some(
      (other) =>
        one.startFrame < other.startFrame + other.frameCount &&
        other.startFrame < one.startFrame + one.frameCount,
    ),
  );
}

function speakersOf(faceIds: readonly number[], labels: Int32Array): ReferenceSpeaker[] {
  const speakers: { label: string; faceIds: number[] }[] = [];
  for (const [face, faceId] of faceIds.entries()) {
    (speakers[labels[face]!] ??= { label: '', faceIds: [] }).faceIds.push(faceId);
  }
  return speakers.map((speaker) => ({ ...speaker, label: `ID_${speaker.faceIds.join('/')}` }));
}
