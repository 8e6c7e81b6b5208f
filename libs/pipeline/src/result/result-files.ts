import {
  diarizationToRttmTurns,
  diarizationToVia,
  formatRttm,
  formatViaProject,
  type Diarization,
} from '@avd/domain';
import { referenceRttm } from '@avd/cluster';
import type { MediaInfo } from '@avd/stage-kit';
import type { DiarizeSettings } from '../settings.js';
import type { StepResults } from '../steps/step.js';
import { diarizationDocument } from './diarization-document.js';

export interface ResultInput {
  /** Name of the recording in the files. */
  readonly recording: string;
  readonly info: MediaInfo;
  /** Sentences about the media file. */
  readonly notices: readonly string[];
  readonly results: Pick<StepResults, 'diarize' | 'linkTracks'>;
  readonly settings: DiarizeSettings;
}

/** Who spoke when, from the finished results of a run. */
export function toDiarization({ recording, info, notices, results }: ResultInput): Diarization {
  const found = results.diarize?.[0] ?? { turns: [], speakers: [], notices: [] };
  return {
    recording,
    durationSec: info.durationSec,
    turns: found.turns,
    speakers: found.speakers,
    notices: [...notices, ...missingParts(info), ...found.notices],
  };
}

/**
 * The files of a run by name: every runner writes exactly these bytes.
 * @param mediaName file name of the video, for the VIA project
 */
export function resultFiles(
  input: ResultInput,
  mediaName: string,
): { readonly diarization: Diarization; readonly files: Readonly<Record<string, string>> } {
  const diarization = toDiarization(input);
  return {
    diarization,
    files: {
      'result.rttm': rttm(input, diarization),
      'result.json': formatViaProject(diarizationToVia(diarization, mediaName)),
      'diarization.json': diarizationDocument(diarization, input.results, input.settings),
    },
  };
}

/** The profile of the reference writes the bytes of the reference: hundredths of a second, in its own order. */
function rttm({ settings, results, recording }: ResultInput, diarization: Diarization): string {
  const reference = results.diarize?.[0]?.reference;
  return settings.profile === 'voxconverse' && reference !== undefined
    ? referenceRttm(reference, recording)
    : formatRttm(diarizationToRttmTurns(diarization));
}

function missingParts({ audio, video }: MediaInfo): string[] {
  if (audio === undefined) {
    return ['The file has no sound, so nobody can be heard: the result is empty.'];
  }
  if (video === undefined) {
    return ['The file has no picture: speakers are told apart by voice alone.'];
  }
  return [];
}
