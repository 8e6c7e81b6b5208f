import type { Diarization, RttmTurn, Speaker, SpeechTurn } from '@avd/domain';
import type { DiarizationDocument } from '@avd/render';

/** What a file that is read says of one recording. */
export interface Content {
  readonly diarization: Diarization;
  /** Set for diarization.json, which says more than the others. */
  readonly document?: DiarizationDocument;
  /** File name or web address of the recording, where the file names it. */
  readonly media?: string;
  /** False where the recording got its name from that of the file. */
  readonly namesRecording: boolean;
  /** Sentences about what is in the file and is not read. */
  readonly notices: readonly string[];
}

/** Turns of formats that say nothing of confidence: somebody has written them down, so they count as sure. */
const STATED_CONFIDENCE = 1;

/** A diarization of turns alone: speakers in the order in which they are first heard; it lasts as long as its turns. */
export function diarizationOf(recording: string, turns: readonly RttmTurn[]): Diarization {
  const spoken = turns.map(({ speaker, startSec, endSec }): SpeechTurn => ({
    startSec,
    endSec,
    speaker,
    evidence: {},
    confidence: STATED_CONFIDENCE,
  }));
  return {
    recording,
    durationSec: spoken.reduce((last, { endSec }) => Math.max(last, endSec), 0),
    turns: spoken,
    speakers: speakersOf(spoken),
    notices: [],
  };
}

/** Talk time and number of turns of everybody. */
export function speakersOf(turns: readonly SpeechTurn[]): Speaker[] {
  const firstSec = new Map<string, number>();
  for (const { speaker, startSec } of turns) {
    firstSec.set(speaker, Math.min(startSec, firstSec.get(speaker) ?? Infinity));
  }
  return [...firstSec]
    .sort(([, a], [, b]) => a - b)
    .map(([label]) => {
      const own = turns.filter(({ speaker }) => speaker === label);
      const talkTimeSec = own.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
      return {
        label,
        trackIndexes: [],
        talkTimeSec: Math.round(talkTimeSec * 1000) / 1000,
        turnCount: own.length,
      };
    });
}
