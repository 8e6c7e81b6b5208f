import { sumLips, OFFSCREEN_LOG_ODDS, type LipEvidence, type LipSum } from './lip-evidence.js';
import type { CellRange } from './speech-cells.js';
import { differentVoices, sampleOf, type VoiceSample } from './voice-evidence.js';
import type { VoiceSpace } from './voice-space.js';

/** Faces weigh at most as much as a clear difference of voices: never a veto. */
const MAX_FACE_LOG_ODDS = 5;
/** Probability that two faces which were never seen together are one person whom the face network split. */
const SPLIT_PERSON = 0.1;
/** The same for faces seen together: a picture of the person, a mirror. */
const TWO_PICTURES = 0.01;

/** All that is known about who speaks in one stretch. */
export interface StretchEvidence {
  readonly voice: VoiceSample;
  readonly lips: readonly LipSum[];
}

export function evidenceOf(
  space: VoiceSpace,
  lips: LipEvidence,
  range: CellRange,
): StretchEvidence {
  return { voice: sampleOf(space, range), lips: sumLips(lips, range) };
}

/** Log odds that two stretches have different speakers, from voices and faces. */
export function differentSpeakers(
  a: StretchEvidence,
  b: StretchEvidence,
  speakerVariance: Float64Array,
  lips: LipEvidence,
): number {
  return differentVoices(a.voice, b.voice, speakerVariance) + differentFaces(a.lips, b.lips, lips);
}

/**
 * Log likelihood ratio of the lips in two stretches under two speakers rather than one. A speaker is one of the persons
 * seen in either stretch or somebody off screen; lips say nothing of persons who are not seen.
 */
function differentFaces(
  a: readonly LipSum[],
  b: readonly LipSum[],
  { seenTogether, personCount }: LipEvidence,
): number {
  if (a.length === 0 && b.length === 0) return 0;
  const persons = mergePersons(a, b);
  const offscreen = Math.exp(OFFSCREEN_LOG_ODDS);
  const prior = 1 / (persons.length + offscreen);
  const priorOffscreen = offscreen * prior;
  let same = priorOffscreen;
  let different = priorOffscreen * priorOffscreen;
  let possible = priorOffscreen * priorOffscreen;
  for (const one of persons) {
    same += prior * one.inA * one.inB;
    different += prior * priorOffscreen * (one.inA + one.inB);
    possible += 2 * prior * priorOffscreen;
    for (const other of persons) {
      if (one === other) continue;
      const together = seenTogether[one.person * personCount + other.person] === 1;
      const alike = together ? TWO_PICTURES : SPLIT_PERSON;
      const both = prior * prior * one.inA * other.inB;
      same += alike * both;
      different += (1 - alike) * both;
      possible += prior * prior;
    }
  }
  const odds = Math.log(different / possible / same);
  return Math.max(-MAX_FACE_LOG_ODDS, Math.min(MAX_FACE_LOG_ODDS, odds));
}

interface PersonLikelihood {
  readonly person: number;
  /** Likelihood ratio of speaking in each stretch; 1 where not seen. */
  readonly inA: number;
  readonly inB: number;
}

/** Both lists are in order of person. */
function mergePersons(a: readonly LipSum[], b: readonly LipSum[]): PersonLikelihood[] {
  const merged: PersonLikelihood[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const person = Math.min(a[i]?.person ?? Infinity, b[j]?.person ?? Infinity);
    const inA = a[i]?.person === person ? a[i++]!.likelihood : 1;
    const inB = b[j]?.person === person ? b[j++]!.likelihood : 1;
    merged.push({ person, inA, inB });
  }
  return merged;
}
