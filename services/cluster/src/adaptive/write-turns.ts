import type { Speaker, SpeechTurn, TurnEvidence } from '@avd/domain';
import { labelledRanges, type Decoding } from './decode-speakers.js';
import type { LabelledRange } from './face-owners.js';
import type { Overlap } from './find-overlap.js';
import type { LipEvidence } from './lip-evidence.js';
import { pauseBeforeSec, type SpeechCells } from './speech-cells.js';
import { logLikelihood, sampleOf } from './voice-evidence.js';
import { VOICE_RATE_HZ } from './voice-matrix.js';
import type { AdaptiveParams, AdaptiveResult } from './types.js';
import type { VoiceSpace } from './voice-space.js';

/** Pauses up to this long belong to the turn, as annotators of conversations have it. */
const MAX_PAUSE_SEC = 0.3;
/** Label of all voices without a face when `offscreen` is `unknown`. */
const UNKNOWN = 'unknown';

/** Who was found and by what. */
export interface FoundSpeakers {
  readonly space: VoiceSpace;
  readonly decoding: Decoding;
}

interface DraftTurn extends LabelledRange {
  readonly evidence: TurnEvidence;
  readonly confidence: number;
  readonly trackIndex?: number;
}

/** Turns and speakers from the decoded cells; turns of one speaker with a short pause between are joined. */
export function writeTurns(
  cells: SpeechCells,
  { space, decoding }: FoundSpeakers,
  lips: LipEvidence,
  overlaps: readonly Overlap[],
  offscreen: AdaptiveParams['offscreen'],
): AdaptiveResult {
  const heard = decoding.speaker.slice();
  for (const { start, end, first, second } of overlaps) {
    for (let cell = start; cell < end; cell++) {
      if (heard[cell] !== first && heard[cell] !== second) heard[cell] = first;
    }
  }
  const alone = joinAcrossPauses(cells, labelledRanges(cells, heard));
  const others = overlaps.flatMap((overlap) =>
    labelledRanges(cells, heard, overlap).map((range) => ({
      ...range,
      speaker: range.speaker === overlap.first ? overlap.second : overlap.first,
    })),
  );
  const drafts = [...alone, ...others]
    .sort((a, b) => a.start - b.start || a.end - b.end || a.speaker - b.speaker)
    .map((range) => draft(space, lips, decoding, range));
  const hasFace = new Set<number>();
  for (const speaker of decoding.owners.owner) if (speaker >= 0) hasFace.add(speaker);

  const labels = new Map<number, string>();
  const labelOf = (speaker: number): string => {
    if (offscreen === 'unknown' && !hasFace.has(speaker)) return UNKNOWN;
    const known = labels.get(speaker);
    if (known !== undefined) return known;
    const label = `spk${String(labels.size).padStart(2, '0')}`;
    labels.set(speaker, label);
    return label;
  };
  const turns = drafts.map(({ start, end, speaker, ...rest }): SpeechTurn => ({
    startSec: cells.startFrame[start]! / VOICE_RATE_HZ,
    endSec: cells.endFrame[end - 1]! / VOICE_RATE_HZ,
    speaker: labelOf(speaker),
    ...rest,
  }));
  const tracksOf = new Map<string, number[]>();
  for (const [position, trackIndex] of lips.trackIndexes.entries()) {
    const speaker = decoding.owners.owner[lips.personOfTrack[position]!]!;
    if (speaker < 0 || !labels.has(speaker)) continue;
    const label = labelOf(speaker);
    tracksOf.set(label, [...(tracksOf.get(label) ?? []), trackIndex]);
  }
  return { turns, speakers: summarize(turns, tracksOf) };
}

/** Joins turns of one speaker with a short pause and nobody between. */
function joinAcrossPauses(cells: SpeechCells, ranges: readonly LabelledRange[]): LabelledRange[] {
  const joined: LabelledRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.speaker === range.speaker && pauseBeforeSec(cells, range.start) <= MAX_PAUSE_SEC) {
      joined[joined.length - 1] = { ...last, end: range.end };
    } else {
      joined.push(range);
    }
  }
  return joined;
}

function draft(
  space: VoiceSpace,
  lips: LipEvidence,
  decoding: Decoding,
  range: LabelledRange,
): DraftTurn {
  const voice = voiceBelief(space, decoding, range);
  const seen = lookAt(lips, decoding, range);
  const evidence: TurnEvidence = {
    ...(seen === undefined ? {} : { lipSync: round(seen.lipSync), face: round(seen.face) }),
    ...(voice === undefined ? {} : { voice: round(voice) }),
  };
  // Lips and voice are separate witnesses: wrong only if both are.
  const doubt = (1 - (voice ?? 0.5)) * (1 - (seen?.lipSync ?? 0.5) * (seen?.face ?? 1));
  const belief = (voice ?? 0.5) * Math.max(0.05, (seen?.lipSync ?? 0.5) * (seen?.face ?? 1));
  return {
    ...range,
    evidence,
    confidence: round(belief / (belief + doubt)),
    ...(seen === undefined ? {} : { trackIndex: seen.trackIndex }),
  };
}

/** Probability of the speaker against the nearest other voice; none to compare with: undefined. */
function voiceBelief(
  space: VoiceSpace,
  { models }: Decoding,
  range: LabelledRange,
): number | undefined {
  if (models.length < 2) return undefined;
  const { precision, mean } = sampleOf(space, range);
  const own = logLikelihood(models[range.speaker]!, mean, 0, precision);
  let rival = -Infinity;
  for (const [speaker, model] of models.entries()) {
    if (speaker !== range.speaker)
      rival = Math.max(rival, logLikelihood(model, mean, 0, precision));
  }
  return 1 / (1 + Math.exp(rival - own));
}

interface Look {
  readonly trackIndex: number;
  readonly lipSync: number;
  readonly face: number;
}

/** The speaker's own face in the turn: the track with most looks of a person tied to the speaker. */
function lookAt(lips: LipEvidence, { owners }: Decoding, range: LabelledRange): Look | undefined {
  const byTrack = new Map<number, { looks: number; evidence: number }>();
  for (let entry = lips.firstEntry[range.start]!; entry < lips.firstEntry[range.end]!; entry++) {
    const track = lips.track[entry]!;
    if (owners.owner[lips.personOfTrack[track]!] !== range.speaker) continue;
    const sum = byTrack.get(track) ?? { looks: 0, evidence: 0 };
    sum.looks += lips.looks[entry]!;
    sum.evidence += lips.evidence[entry]!;
    byTrack.set(track, sum);
  }
  let best: [number, { looks: number; evidence: number }] | undefined;
  for (const candidate of byTrack)
    if (best === undefined || candidate[1].looks > best[1].looks) best = candidate;
  if (best === undefined) return undefined;
  const [track, { looks, evidence }] = best;
  return {
    trackIndex: lips.trackIndexes[track]!,
    lipSync: 1 / (1 + Math.exp(-evidence / looks)),
    face: owners.agreement[lips.personOfTrack[track]!]!,
  };
}

function summarize(
  turns: readonly SpeechTurn[],
  tracksOf: ReadonlyMap<string, number[]>,
): Speaker[] {
  const speakers = new Map<string, { talkTimeSec: number; turnCount: number }>();
  for (const { speaker, startSec, endSec } of turns) {
    const sum = speakers.get(speaker) ?? { talkTimeSec: 0, turnCount: 0 };
    sum.talkTimeSec += endSec - startSec;
    sum.turnCount++;
    speakers.set(speaker, sum);
  }
  return [...speakers].map(([label, { talkTimeSec, turnCount }]) => ({
    label,
    trackIndexes: tracksOf.get(label) ?? [],
    talkTimeSec: round(talkTimeSec),
    turnCount,
  }));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
