import type { LipEvidence } from './lip-evidence.js';
import { differentSpeakers, evidenceOf } from './same-speaker.js';
import { pauseBeforeSec, type CellRange, type SpeechCells } from './speech-cells.js';
import type { VoiceSpace } from './voice-space.js';

/** Shortest part, 0.5 s. */
const MIN_PART_CELLS = 5;
/** How far a change is looked at to either side, 3 s. */
const MAX_WINDOW_CELLS = 30;
/** Log odds above which the speaker changes inside speech, and at a pause: people mostly take turns at pauses. */
const SPLIT_LOG_ODDS = 3;
const SPLIT_AT_PAUSE_LOG_ODDS = 2;
/** Shortest pause in that sense. */
const PAUSE_SEC = 0.05;

/** Cuts phrases where the speaker changes: at the strongest change first, until none is clear. Parts are in time order. */
export function splitSpeech(
  cells: SpeechCells,
  space: VoiceSpace,
  lips: LipEvidence,
  phrases: readonly CellRange[],
): CellRange[] {
  return phrases.flatMap((phrase) => split(cells, space, lips, phrase));
}

function split(
  cells: SpeechCells,
  space: VoiceSpace,
  lips: LipEvidence,
  range: CellRange,
): CellRange[] {
  const parts: CellRange[] = [];
  const open = [range];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const cut = clearestChange(cells, space, lips, part);
    if (cut === undefined) parts.push(part);
    else open.push({ start: cut, end: part.end }, { start: part.start, end: cut });
  }
  return parts;
}

function clearestChange(
  cells: SpeechCells,
  space: VoiceSpace,
  lips: LipEvidence,
  { start, end }: CellRange,
): number | undefined {
  let best = 0;
  let cut: number | undefined;
  for (let cell = start + MIN_PART_CELLS; cell <= end - MIN_PART_CELLS; cell++) {
    const before = evidenceOf(space, lips, {
      start: Math.max(start, cell - MAX_WINDOW_CELLS),
      end: cell,
    });
    const after = evidenceOf(space, lips, {
      start: cell,
      end: Math.min(end, cell + MAX_WINDOW_CELLS),
    });
    const needed =
      pauseBeforeSec(cells, cell) > PAUSE_SEC ? SPLIT_AT_PAUSE_LOG_ODDS : SPLIT_LOG_ODDS;
    const odds = differentSpeakers(before, after, space.speakerVariance, lips) - needed;
    if (odds > best) {
      best = odds;
      cut = cell;
    }
  }
  return cut;
}
