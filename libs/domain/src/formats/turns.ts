import type { Diarization, SpeechTurn } from '../diarization.js';

/** Turns by start, then end, then speaker: the order a reader expects. */
export function turnsInTimeOrder(diarization: Diarization): SpeechTurn[] {
  return [...diarization.turns].sort(
    (a, b) =>
      a.startSec - b.startSec ||
      a.endSec - b.endSec ||
      (a.speaker < b.speaker ? -1 : a.speaker > b.speaker ? 1 : 0),
  );
}

/** Speech of one speaker for formats with one lane a speaker. */
export interface SpeakerLane {
  readonly speaker: string;
  /** [start, end] pairs, ascending, not overlapping, in the unit asked for. */
  readonly spans: readonly (readonly [start: number, end: number])[];
}

/**
 * One lane for each speaker, by label. Overlapping turns of one speaker are joined, because a lane cannot hold
 * both; touching turns stay apart. Spans that vanish at the given resolution are left out.
 *
 * @param unitsPerSec times are rounded to whole units of 1/unitsPerSec seconds
 */
export function speakerLanes(diarization: Diarization, unitsPerSec: number): SpeakerLane[] {
  const bySpeaker = new Map<string, [number, number][]>();
  for (const turn of turnsInTimeOrder(diarization)) {
    const start = Math.round(turn.startSec * unitsPerSec);
    const end = Math.round(turn.endSec * unitsPerSec);
    if (end <= start) continue;
    const spans = bySpeaker.get(turn.speaker) ?? [];
    bySpeaker.set(turn.speaker, spans);
    const previous = spans.at(-1);
    if (previous !== undefined && start < previous[1]) previous[1] = Math.max(previous[1], end);
    else spans.push([start, end]);
  }
  return [...bySpeaker.keys()]
    .sort()
    .map((speaker) => ({ speaker, spans: bySpeaker.get(speaker)! }));
}

/** A label on one line without white space at its ends. */
export function oneLine(label: string): string {
  return label.replace(/\s+/g, ' ').trim();
}
