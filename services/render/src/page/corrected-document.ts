import type { Speaker, SpeechTurn } from '@avd/domain';
import type { Conversation } from './corrections.js';
import type { DiarizationDocument } from './report-data.js';

/** The document with the turns and speakers as corrected; speakers left without turns are not in it. */
export function correctedDocument(
  document: DiarizationDocument,
  { turns, speakers }: Conversation,
): DiarizationDocument {
  const labelOf = new Map(speakers.map(({ speakerId, label }) => [speakerId, label]));
  const spoken: SpeechTurn[] = turns.map(
    ({ speakerId, startSec, endSec, confidence, evidence, trackIndex }) => ({
      startSec,
      endSec,
      speaker: labelOf.get(speakerId)!,
      evidence,
      confidence,
      ...(trackIndex === undefined ? {} : { trackIndex }),
    }),
  );
  const known = speakers
    .map(({ speakerId, label, trackIndexes }): Speaker => {
      const own = turns.filter((turn) => turn.speakerId === speakerId);
      const talkTimeSec = own.reduce((sum, { startSec, endSec }) => sum + endSec - startSec, 0);
      return {
        label,
        trackIndexes,
        talkTimeSec: Math.round(talkTimeSec * 1000) / 1000,
        turnCount: own.length,
      };
    })
    .filter(({ turnCount }) => turnCount > 0);
  const speakerOfTrack = new Map(
    known.flatMap(({ label, trackIndexes }) =>
      trackIndexes.map((track) => [track, label] as const),
    ),
  );
  return {
    ...document,
    turns: spoken,
    speakers: known,
    tracks: document.tracks.map((track) => ({
      ...track,
      speaker: speakerOfTrack.get(track.trackIndex) ?? null,
    })),
    corrected: true,
  };
}
