import { lipBelief, type LipEvidence } from './lip-evidence.js';
import type { CellRange } from './speech-cells.js';
import type { VoiceSpace } from './voice-space.js';

/** Least speech, in seconds worth of belief, that ties a face to a voice. */
const MIN_SUPPORT_SEC = 0.3;
/** Least share of all the speech the face seems to utter that must be in that one voice. */
const MIN_SUPPORT_SHARE = 0.5;
/** Looks and mean log odds assumed before looking: lips are right, but only mildly. */
const PRIOR_LOOKS = 3;
const PRIOR_LOG_ODDS = 1;

/** A stretch of cells given to one speaker. */
export interface LabelledRange extends CellRange {
  readonly speaker: number;
}

/** How the lips of each person relate to the speakers' voices; arrays have one entry a person. */
export interface FaceOwners {
  /** Speaker whose face this is, -1 for nobody's. */
  readonly owner: Int32Array;
  /** Share of the person's apparent speech that is in the owner's voice. */
  readonly agreement: Float64Array;
  /** In [0, 1]: how clearly the lips tell the owner's speech from others'; 0 for lips that always move. */
  readonly gain: Float64Array;
  /** Log odds a look which mean nothing for these lips. */
  readonly neutral: Float64Array;
}

/**
 * Ties faces to voices: a face belongs to the speaker in whose turns its lips move, if they mostly do so there.
 * Of two faces of one speaker that are seen together only the better tied one stays.
 */
export function findFaceOwners(
  space: VoiceSpace,
  lips: LipEvidence,
  ranges: readonly LabelledRange[],
  speakerCount: number,
): FaceOwners {
  const { personCount } = lips;
  const support = new Float64Array(personCount * speakerCount);
  for (const range of ranges) {
    const seconds = space.seconds[range.end]! - space.seconds[range.start]!;
    for (const { person, probability } of lipBelief(lips, range)) {
      support[person * speakerCount + range.speaker]! += probability * seconds;
    }
  }
  const owner = new Int32Array(personCount).fill(-1);
  const agreement = new Float64Array(personCount);
  const strength = new Float64Array(personCount);
  for (let person = 0; person < personCount; person++) {
    const row = support.subarray(person * speakerCount, (person + 1) * speakerCount);
    const total = row.reduce((sum, value) => sum + value, 0);
    let best = 0;
    for (let speaker = 1; speaker < speakerCount; speaker++)
      if (row[speaker]! > row[best]!) best = speaker;
    strength[person] = row[best] ?? 0;
    agreement[person] = total > 0 ? strength[person]! / total : 0;
    if (strength[person]! >= MIN_SUPPORT_SEC && agreement[person]! >= MIN_SUPPORT_SHARE)
      owner[person] = best;
  }
  dropRivals(lips, owner, strength);
  return { owner, agreement, ...calibrate(lips, ranges, owner) };
}

function dropRivals(
  { personCount, seenTogether }: LipEvidence,
  owner: Int32Array,
  strength: Float64Array,
): void {
  const byStrength = Array.from(owner.keys()).sort((a, b) => strength[b]! - strength[a]! || a - b);
  for (const [rank, person] of byStrength.entries()) {
    if (owner[person] === -1) continue;
    for (const weaker of byStrength.slice(rank + 1)) {
      if (owner[weaker] === owner[person] && seenTogether[person * personCount + weaker] === 1)
        owner[weaker] = -1;
    }
  }
}

/** Compares the lips during the owner's speech with the lips during everybody else's. */
function calibrate(
  lips: LipEvidence,
  ranges: readonly LabelledRange[],
  owner: Int32Array,
): Pick<FaceOwners, 'gain' | 'neutral'> {
  const { personCount } = lips;
  const sums = [
    new Float64Array(personCount).fill(-PRIOR_LOOKS * PRIOR_LOG_ODDS),
    new Float64Array(personCount).fill(PRIOR_LOOKS * PRIOR_LOG_ODDS),
  ] as const;
  const looks = [
    new Float64Array(personCount).fill(PRIOR_LOOKS),
    new Float64Array(personCount).fill(PRIOR_LOOKS),
  ] as const;
  for (const { start, end, speaker } of ranges) {
    for (let entry = lips.firstEntry[start]!; entry < lips.firstEntry[end]!; entry++) {
      const person = lips.personOfTrack[lips.track[entry]!]!;
      const own = owner[person] === speaker ? 1 : 0;
      sums[own][person]! += lips.evidence[entry]!;
      looks[own][person]! += lips.looks[entry]!;
    }
  }
  const gain = new Float64Array(personCount);
  const neutral = new Float64Array(personCount);
  for (let person = 0; person < personCount; person++) {
    const others = sums[0][person]! / looks[0][person]!;
    const own = sums[1][person]! / looks[1][person]!;
    gain[person] = Math.max(0, Math.min(1, (own - others) / (2 * PRIOR_LOG_ODDS)));
    neutral[person] = (own + others) / 2;
  }
  return { gain, neutral };
}
