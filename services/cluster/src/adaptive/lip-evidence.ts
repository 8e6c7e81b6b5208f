import { AvdError, FRAMES_PER_SEC } from '@avd/domain';
import type { CellRange, SpeechCells } from './speech-cells.js';
import type { FaceEvidence } from './types.js';
import { VOICE_RATE_HZ } from './voice-matrix.js';

/** A single frame is never trusted more than this (log odds; 0.92). */
const MAX_LOG_ODDS = 2.5;
/** Independent looks a second: neighbouring frames repeat each other. */
const LOOKS_PER_SEC = 3;
/** Longest evidence for one stretch. */
const MAX_EVIDENCE = 6;
/** Prior log odds of somebody off screen against one person seen. */
export const OFFSCREEN_LOG_ODDS = 1;

/** What the lips of the visible faces say in each cell; entries [firstEntry[c], firstEntry[c + 1]) belong to cell c. */
export interface LipEvidence {
  /** Number of people the tracks show. */
  readonly personCount: number;
  /** Tracks as given, in the order of the input. */
  readonly trackIndexes: readonly number[];
  /** Person of each track. */
  readonly personOfTrack: Int32Array;
  readonly firstEntry: Int32Array;
  /** Position of the track in the input. */
  readonly track: Int32Array;
  /** Log odds of speaking times looks: additive over cells. */
  readonly evidence: Float64Array;
  /** Looks taken: seconds visible times LOOKS_PER_SEC. */
  readonly looks: Float64Array;
  /** Persons seen at the same time are different people: row-major, shape (personCount, personCount). */
  readonly seenTogether: Uint8Array;
}

/**
 * Sums the lips' log odds over the frames of every cell.
 * @throws AvdError kind `internal` when a face has not one number a frame
 */
export function gatherLipEvidence(cells: SpeechCells, faces: readonly FaceEvidence[]): LipEvidence {
  for (const { trackIndex, startFrame, endFrame, speaking } of faces) {
    if (speaking.length === endFrame - startFrame) continue;
    throw new AvdError(
      'internal',
      'BAD_LIP_SCORES',
      `Track ${trackIndex} has ${speaking.length} lip scores for ${endFrame - startFrame} frames.`,
    );
  }
  const { personOfTrack, personCount } = numberPersons(faces);
  const firstEntry = new Int32Array(cells.count + 1);
  const track: number[] = [];
  const evidence: number[] = [];
  const looks: number[] = [];
  const seenTogether = new Uint8Array(personCount * personCount);
  const byStart = faces
    .map((_, i) => i)
    .sort((a, b) => faces[a]!.startFrame - faces[b]!.startFrame || a - b);
  let next = 0;
  let active: number[] = [];
  for (let cell = 0; cell < cells.count; cell++) {
    const from = (cells.startFrame[cell]! * FRAMES_PER_SEC) / VOICE_RATE_HZ;
    const to = (cells.endFrame[cell]! * FRAMES_PER_SEC) / VOICE_RATE_HZ;
    while (next < byStart.length && faces[byStart[next]!]!.startFrame < to)
      active.push(byStart[next++]!);
    active = active.filter((i) => faces[i]!.endFrame > from);
    for (const i of active) {
      const face = faces[i]!;
      let sum = 0;
      let frames = 0;
      for (
        let frame = Math.max(face.startFrame, Math.floor(from));
        frame < Math.min(face.endFrame, to);
        frame++
      ) {
        const share = Math.min(to, frame + 1) - Math.max(from, frame);
        sum += share * logOdds(face.speaking[frame - face.startFrame]!);
        frames += share;
      }
      if (frames <= 0) continue;
      track.push(i);
      evidence.push((sum * LOOKS_PER_SEC) / FRAMES_PER_SEC);
      looks.push((frames * LOOKS_PER_SEC) / FRAMES_PER_SEC);
    }
    for (let a = firstEntry[cell]!; a < track.length; a++) {
      for (let b = firstEntry[cell]!; b < track.length; b++) {
        const [one, other] = [personOfTrack[track[a]!]!, personOfTrack[track[b]!]!];
        if (one !== other) seenTogether[one * personCount + other] = 1;
      }
    }
    firstEntry[cell + 1] = track.length;
  }
  return {
    personCount,
    trackIndexes: faces.map((face) => face.trackIndex),
    personOfTrack,
    firstEntry,
    track: Int32Array.from(track),
    evidence: Float64Array.from(evidence),
    looks: Float64Array.from(looks),
    seenTogether,
  };
}

/** How likely one person speaks in a stretch rather than not, as far as the lips tell. */
export interface LipSum {
  readonly person: number;
  /** Likelihood ratio, between exp(-6) and exp(6). */
  readonly likelihood: number;
}

/** Sums over cells [start, end) for every person seen there, in order of person. */
export function sumLips(lips: LipEvidence, { start, end }: CellRange): LipSum[] {
  const sums = new Map<number, number>();
  for (let entry = lips.firstEntry[start]!; entry < lips.firstEntry[end]!; entry++) {
    const person = lips.personOfTrack[lips.track[entry]!]!;
    sums.set(person, (sums.get(person) ?? 0) + lips.evidence[entry]!);
  }
  return [...sums]
    .map(([person, sum]) => ({
      person,
      likelihood: Math.exp(Math.max(-MAX_EVIDENCE, Math.min(MAX_EVIDENCE, sum))),
    }))
    .sort((a, b) => a.person - b.person);
}

/** Who of the persons seen speaks in a stretch; what is missing to 1 is off screen. */
export interface LipBelief {
  readonly person: number;
  readonly probability: number;
}

/** Belief about cells [start, end), in order of person. */
export function lipBelief(lips: LipEvidence, range: CellRange): LipBelief[] {
  const sums = sumLips(lips, range);
  let total = Math.exp(OFFSCREEN_LOG_ODDS);
  for (const { likelihood } of sums) total += likelihood;
  return sums.map(({ person, likelihood }) => ({ person, probability: likelihood / total }));
}

function logOdds(probability: number): number {
  const p = Math.min(0.999, Math.max(0.001, probability));
  return Math.max(-MAX_LOG_ODDS, Math.min(MAX_LOG_ODDS, Math.log(p / (1 - p))));
}

function numberPersons(faces: readonly FaceEvidence[]): {
  personOfTrack: Int32Array;
  personCount: number;
} {
  const numbers = new Map<string, number>();
  const personOfTrack = Int32Array.from(faces, (face, i) => {
    const key = face.faceId === undefined ? `track ${i}` : `face ${face.faceId}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, numbers.size);
    return numbers.size - 1;
  });
  return { personOfTrack, personCount: numbers.size };
}
