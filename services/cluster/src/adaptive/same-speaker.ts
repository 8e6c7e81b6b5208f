import { lipBelief, type LipBelief, type LipEvidence } from './lip-evidence.js';
import type { CellRange } from './speech-cells.js';
import { differentVoices, sampleOf, type VoiceSample } from './voice-evidence.js';
import type { VoiceSpace } from './voice-space.js';

/** Weight of two stretches being spoken by one face, or by two faces seen together: as much as a clear voice, never a veto. */
const FACE_WEIGHT = 5;
/** Two faces that were never seen together may still be one person whom the face network split. */
const UNSURE_OTHER_FACE = 0.5;

/** All that is known about who speaks in one stretch. */
export interface StretchEvidence {
  readonly voice: VoiceSample;
  readonly lips: readonly LipBelief[];
}

export function evidenceOf(
  space: VoiceSpace,
  lips: LipEvidence,
  range: CellRange,
): StretchEvidence {
  return { voice: sampleOf(space, range), lips: lipBelief(lips, range) };
}

/** Log odds that two stretches have different speakers, from voices and faces. */
export function differentSpeakers(
  a: StretchEvidence,
  b: StretchEvidence,
  speakerVariance: Float64Array,
  lips: LipEvidence,
): number {
  let faces = 0;
  for (const one of a.lips) {
    for (const other of b.lips) {
      const both = one.probability * other.probability;
      if (one.person === other.person) faces -= both;
      else if (lips.seenTogether[one.person * lips.personCount + other.person] === 1) faces += both;
      else faces += UNSURE_OTHER_FACE * both;
    }
  }
  return differentVoices(a.voice, b.voice, speakerVariance) + FACE_WEIGHT * faces;
}
