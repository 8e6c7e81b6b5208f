import type { Stage } from '@avd/stage-kit';
import { decodeSpeakers } from './decode-speakers.js';
import { findOverlap, withoutMixtures } from './find-overlap.js';
import { groupSpeakers } from './group-speakers.js';
import { gatherLipEvidence, type LipEvidence } from './lip-evidence.js';
import {
  cutCells,
  phraseRanges,
  segmentRanges,
  type CellRange,
  type SpeechCells,
} from './speech-cells.js';
import { splitSpeech } from './split-speech.js';
import type { AdaptiveInput, AdaptiveParams, AdaptiveResult } from './types.js';
import { toVoiceMatrix, type VoiceMatrix } from './voice-matrix.js';
import { learnVoiceSpace } from './voice-space.js';
import { writeTurns, type FoundSpeakers } from './write-turns.js';

/** Speech with no longer pause is one phrase, by one speaker if nothing tells otherwise. */
const MAX_PHRASE_PAUSE_SEC = 0.3;
/** Cells of the parts that speech is cut into when more speakers are asked for than stretches are found, 0.5 s. */
const EVEN_PART_CELLS = 5;

/**
 * Who spoke when, from sound and, where faces are seen, lips; without any trained speaker network. What tells the voices
 * apart is learned from the recording itself (neighbouring blocks of speech share a voice), speakers are found by
 * average linkage of log odds that two stretches have different speakers, and all speech is given out by a Viterbi
 * search over voice likelihood and lips.
 *
 * Faces take part in three places: two stretches spoken by one face tend to one speaker; lips weigh in the search as
 * far as they have proved to tell one voice from the others (lips that move while others speak count for nothing);
 * and two faces that clearly speak at once give two turns.
 *
 * Deterministic. Time grows linearly with the recording beside the square of at most 1500 stretches.
 * @throws AvdError kind `internal` when the voice frames have gaps or lack columns
 */
export function diarizeAdaptive(input: AdaptiveInput, params: AdaptiveParams): AdaptiveResult {
  const voices = toVoiceMatrix(input.voices);
  const cells = cutCells(voices, input.speech);
  if (cells.count === 0) return { turns: [], speakers: [] };
  const lips = gatherLipEvidence(cells, input.faces);
  const first = findSpeakers(voices, cells, lips, params);
  const mixed = findOverlap(cells, lips, first.decoding);
  if (mixed.length === 0) return writeTurns(cells, first, lips, [], params.offscreen);
  const clean = withoutMixtures(cells, mixed);
  const second = findSpeakers(voices, clean, lips, params);
  const overlaps = findOverlap(clean, lips, second.decoding);
  return writeTurns(clean, second, lips, overlaps, params.offscreen);
}

function findSpeakers(
  voices: VoiceMatrix,
  cells: SpeechCells,
  lips: LipEvidence,
  params: AdaptiveParams,
): FoundSpeakers {
  const phrases = phraseRanges(cells, MAX_PHRASE_PAUSE_SEC);
  // Segments may hold several voices at first; learning again from the parts gives a cleaner space.
  const roughSpace = learnVoiceSpace(voices, cells, segmentRanges(cells));
  const space = learnVoiceSpace(voices, cells, splitSpeech(cells, roughSpace, lips, phrases));
  let parts = splitSpeech(cells, space, lips, phrases);
  const least = params.numSpeakers ?? params.minSpeakers ?? 1;
  if (parts.length < least) parts = parts.flatMap(cutEvenly);
  const groups = groupSpeakers(space, lips, parts, params);
  return { space, decoding: decodeSpeakers(cells, space, lips, groups) };
}

/** {@link diarizeAdaptive} as a stage. */
export const diarizeAdaptiveStage: Stage<AdaptiveInput, AdaptiveResult, AdaptiveParams> = {
  name: 'cluster.DiarizeAdaptive',
  version: '2',
  run: async (input, params, ctx) => {
    ctx.signal.throwIfAborted();
    return diarizeAdaptive(input, params);
  },
};

function cutEvenly({ start, end }: CellRange): CellRange[] {
  const count = Math.max(1, Math.floor((end - start) / EVEN_PART_CELLS));
  return Array.from({ length: count }, (_, i) => ({
    start: start + Math.round(((end - start) * i) / count),
    end: start + Math.round(((end - start) * (i + 1)) / count),
  }));
}
