import type { Diarization as DomainDiarization, TimeSpan } from '@avd/domain';
import { choicesToConfig, type ConfigChoices } from './config-mapping.js';
import { secToDuration } from './duration.js';
import { Diarization, type Model } from './gen/avdiarization/v1/diarization.js';

/** What stands in `diarization.json`, as far as the contract tells it. */
export interface DiarizationDocument extends DomainDiarization {
  readonly shots: readonly TimeSpan[];
  readonly tracks: readonly (TimeSpan & {
    readonly trackIndex: number;
    /** Null for a face that nobody's speech was given to. */
    readonly speaker: string | null;
  })[];
  /** Every choice that decides the result. */
  readonly settings: { readonly [Name in keyof ConfigChoices]?: ConfigChoices[Name] | undefined };
}

/**
 * The result of a job as the API gives it.
 * @param document the parsed text of diarization.json
 * @param facts what the document does not know: the resource name and the networks which were used
 */
export function documentToDiarization(
  document: DiarizationDocument,
  { name = '', models = [] }: { readonly name?: string; readonly models?: readonly Model[] } = {},
): Diarization {
  return Diarization.fromPartial({
    name,
    recording: document.recording,
    duration: secToDuration(document.durationSec),
    turns: document.turns.map(({ speaker, confidence, evidence, trackIndex, ...span }) => ({
      ...offsets(span),
      speaker,
      confidence,
      evidence: { ...evidence },
      ...(trackIndex === undefined ? {} : { trackIndex }),
    })),
    speakers: document.speakers.map(({ label, trackIndexes, talkTimeSec, turnCount }) => ({
      label,
      trackIndexes: [...trackIndexes],
      talkTime: secToDuration(talkTimeSec),
      turnCount,
    })),
    shots: document.shots.map(offsets),
    tracks: document.tracks.map(({ trackIndex, speaker, ...span }) => ({
      trackIndex,
      ...offsets(span),
      ...(speaker === null ? {} : { speaker }),
    })),
    notices: [...document.notices],
    config: choicesToConfig(document.settings),
    models: [...models],
  });
}

function offsets({ startSec, endSec }: TimeSpan) {
  return { startOffset: secToDuration(startSec), endOffset: secToDuration(endSec) };
}
