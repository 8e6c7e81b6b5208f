import { frameToSec, type Diarization } from '@avd/domain';
import type { DiarizeSettings } from '../settings.js';
import type { StepResults } from '../steps/step.js';

/**
 * The text of diarization.json: turns with confidence and the evidence for it, speakers, face tracks and settings.
 * Same input and settings give the same bytes.
 */
export function diarizationDocument(
  diarization: Diarization,
  results: Pick<StepResults, 'linkTracks'>,
  settings: DiarizeSettings,
): string {
  const { shots, tracks } = results.linkTracks?.[0] ?? { shots: [], tracks: [] };
  const speakerOfTrack = new Map(
    diarization.speakers.flatMap(({ label, trackIndexes }) =>
      trackIndexes.map((track) => [track, label] as const),
    ),
  );
  const document = {
    schema: 'avd/diarization/1',
    ...diarization,
    shots: shots.map(({ startFrame, endFrame }) => ({
      startSec: frameToSec(startFrame),
      endSec: frameToSec(endFrame),
    })),
    tracks: tracks.map(({ trackIndex, startFrame, endFrame }) => ({
      trackIndex,
      startSec: frameToSec(startFrame),
      endSec: frameToSec(endFrame),
      speaker: speakerOfTrack.get(trackIndex) ?? null,
    })),
    settings,
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}
