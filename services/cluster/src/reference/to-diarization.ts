import { frameToSec, type Diarization, type Speaker, type SpeechTurn } from '@avd/domain';
import {
  UNKNOWN_SPEAKER,
  type ReferenceEntry,
  type ReferenceResult,
  type ReferenceTrack,
} from './types.js';

/**
 * The reference diarizer's result as a Diarization: turns by time, speakers by first appearance. A turn's confidence is its
 * evidence cut to [0, 1], and 0 for unknown speakers, since nobody was recognised.
 *
 * @param tracks the tracks the result was made from, in any order
 */
export function referenceToDiarization(
  result: ReferenceResult,
  tracks: readonly Pick<ReferenceTrack, 'trackIndex' | 'faceId'>[],
  recording: { readonly name: string; readonly durationSec: number },
): Diarization {
  const turns = result.entries.map(toTurn).toSorted(byTime);
  const labelOfFace = new Map(
    result.speakers.flatMap(({ label, faceIds }) => faceIds.map((faceId) => [faceId, label])),
  );
  const speakers = [...new Set(turns.map((turn) => turn.speaker))].map((label): Speaker => {
    const own = turns.filter((turn) => turn.speaker === label);
    return {
      label,
      trackIndexes: tracks
        .filter((track) => labelOfFace.get(track.faceId) === label)
        .map((track) => track.trackIndex)
        .sort((a, b) => a - b),
      talkTimeSec: own.reduce((sum, turn) => sum + (turn.endSec - turn.startSec), 0),
      turnCount: own.length,
    };
  });
  return {
    recording: recording.name,
    durationSec: recording.durationSec,
    turns,
    speakers,
    notices: result.notices,
  };
}

function toTurn(entry: ReferenceEntry): SpeechTurn {
  const strength = Math.min(1, Math.max(0, entry.evidence));
  const times = { startSec: frameToSec(entry.startFrame), endSec: frameToSec(entry.endFrame) };
  if (entry.trackIndex !== undefined) {
    return {
      ...times,
      speaker: entry.label,
      confidence: strength,
      evidence: { lipSync: strength },
      trackIndex: entry.trackIndex,
    };
  }
  return {
    ...times,
    speaker: entry.label,
    confidence: entry.label === UNKNOWN_SPEAKER ? 0 : strength,
    evidence: { voice: strength },
  };
}

function byTime(a: SpeechTurn, b: SpeechTurn): number {
  return (
    a.startSec - b.startSec ||
    a.endSec - b.endSec ||
    (a.speaker < b.speaker ? -1 : a.speaker > b.speaker ? 1 : 0)
  );
}
