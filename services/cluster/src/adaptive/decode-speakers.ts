import { findFaceOwners, type FaceOwners, type LabelledRange } from './face-owners.js';
import type { LipEvidence } from './lip-evidence.js';
import { pauseBeforeSec, type CellRange, type SpeechCells } from './speech-cells.js';
import { logLikelihood, modelOf, sampleOf, type VoiceModel } from './voice-evidence.js';
import { VOICE_DIMENSION as D } from './voice-matrix.js';
import type { VoiceSpace } from './voice-space.js';

/** Log odds against a change of speaker inside speech, and after a pause of PAUSE_SEC or more. */
const CHANGE_PENALTY = 6;
const CHANGE_PENALTY_AFTER_PAUSE = 1;
const PAUSE_SEC = 0.3;
/** Rounds of giving cells to speakers and learning the speakers from their cells. */
const ROUNDS = 3;
/** Makes the path keep a cell with its speaker. */
const PINNED = 1e6;

/** Who speaks in every cell. */
export interface Decoding {
  /** Speaker of each cell. */
  readonly speaker: Int32Array;
  readonly models: readonly VoiceModel[];
  readonly owners: FaceOwners;
  /** Log likelihood of each speaker in each cell, shape (cells, speakers): voice and lips apart. */
  readonly voice: Float64Array;
  readonly lips: Float64Array;
}

/**
 * Gives every cell to one speaker: Viterbi over voice likelihood and calibrated lips, then learning voices and
 * face-voice ties again from the result. The longest stretch of every group stays with it, so no speaker is lost.
 * @param groups stretches of each speaker; at least one
 */
export function decodeSpeakers(
  cells: SpeechCells,
  space: VoiceSpace,
  lips: LipEvidence,
  groups: readonly (readonly CellRange[])[],
): Decoding {
  const pinned = pinLongest(cells, space, groups);
  let ranges: LabelledRange[] = groups.flatMap((group, speaker) =>
    group.map((range) => ({ ...range, speaker })),
  );
  for (let round = 1; ; round++) {
    const owners = findFaceOwners(space, lips, ranges, groups.length);
    const models = groups.map((_, speaker) =>
      modelOf(
        ranges.filter((range) => range.speaker === speaker).map((range) => sampleOf(space, range)),
        space.speakerVariance,
      ),
    );
    const voice = voiceScores(cells, space, models);
    const lipScore = lipScores(cells, lips, owners, groups.length);
    const speaker = bestPath(cells, voice, lipScore, pinned, groups.length);
    if (round === ROUNDS) return { speaker, models, owners, voice, lips: lipScore };
    ranges = labelledRanges(cells, speaker);
  }
}

/** Runs of cells with one speaker inside one segment, of a range of cells (default: all). */
export function labelledRanges(
  cells: SpeechCells,
  speaker: Int32Array,
  within: CellRange = { start: 0, end: cells.count },
): LabelledRange[] {
  const ranges: LabelledRange[] = [];
  let { start } = within;
  for (let cell = start + 1; cell <= within.end; cell++) {
    const goesOn =
      cell < within.end &&
      speaker[cell] === speaker[start] &&
      cells.segment[cell] === cells.segment[start];
    if (goesOn) continue;
    ranges.push({ start, end: cell, speaker: speaker[start]! });
    start = cell;
  }
  return ranges;
}

function pinLongest(
  cells: SpeechCells,
  space: VoiceSpace,
  groups: readonly (readonly CellRange[])[],
): Int32Array {
  const pinned = new Int32Array(cells.count).fill(-1);
  for (const [speaker, group] of groups.entries()) {
    const secondsOf = ({ start, end }: CellRange): number =>
      space.seconds[end]! - space.seconds[start]!;
    const longest = group.reduce((best, range) =>
      secondsOf(range) > secondsOf(best) ? range : best,
    );
    pinned.fill(speaker, longest.start, longest.end);
  }
  return pinned;
}

function voiceScores(
  cells: SpeechCells,
  space: VoiceSpace,
  models: readonly VoiceModel[],
): Float64Array {
  const scores = new Float64Array(cells.count * models.length);
  const mean = new Float64Array(D);
  for (let cell = 0; cell < cells.count; cell++) {
    const seconds = space.seconds[cell + 1]! - space.seconds[cell]!;
    for (let k = 0; k < D; k++) {
      mean[k] =
        (space.positions[(cell + 1) * D + k]! - space.positions[cell * D + k]!) /
        Math.max(1e-6, seconds);
    }
    for (const [speaker, model] of models.entries()) {
      scores[cell * models.length + speaker] = logLikelihood(model, mean, 0, seconds);
    }
  }
  return scores;
}

function lipScores(
  cells: SpeechCells,
  lips: LipEvidence,
  owners: FaceOwners,
  speakerCount: number,
): Float64Array {
  const scores = new Float64Array(cells.count * speakerCount);
  for (let cell = 0; cell < cells.count; cell++) {
    for (let entry = lips.firstEntry[cell]!; entry < lips.firstEntry[cell + 1]!; entry++) {
      const person = lips.personOfTrack[lips.track[entry]!]!;
      const speaker = owners.owner[person]!;
      if (speaker < 0) continue;
      scores[cell * speakerCount + speaker]! +=
        owners.gain[person]! *
        (lips.evidence[entry]! - owners.neutral[person]! * lips.looks[entry]!);
    }
  }
  return scores;
}

/** Viterbi. @returns speaker of each cell */
function bestPath(
  cells: SpeechCells,
  voice: Float64Array,
  lips: Float64Array,
  pinned: Int32Array,
  speakerCount: number,
): Int32Array {
  const scoreOf = (cell: number, speaker: number): number =>
    voice[cell * speakerCount + speaker]! +
    lips[cell * speakerCount + speaker]! +
    (pinned[cell] === speaker ? PINNED : 0);
  const total = Float64Array.from({ length: speakerCount }, (_, speaker) => scoreOf(0, speaker));
  const from = new Int16Array(cells.count * speakerCount);
  for (let cell = 1; cell < cells.count; cell++) {
    const share = Math.min(1, pauseBeforeSec(cells, cell) / PAUSE_SEC);
    const penalty = CHANGE_PENALTY + share * (CHANGE_PENALTY_AFTER_PAUSE - CHANGE_PENALTY);
    const best = argMax(total);
    const change = total[best]! - penalty;
    for (let speaker = 0; speaker < speakerCount; speaker++) {
      const stays = total[speaker]! >= change;
      from[cell * speakerCount + speaker] = stays ? speaker : best;
      total[speaker] = (stays ? total[speaker]! : change) + scoreOf(cell, speaker);
    }
  }
  const path = new Int32Array(cells.count);
  let speaker = argMax(total);
  for (let cell = cells.count - 1; cell >= 0; cell--) {
    path[cell] = speaker;
    speaker = from[cell * speakerCount + speaker]!;
  }
  return path;
}

function argMax(values: Float64Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
