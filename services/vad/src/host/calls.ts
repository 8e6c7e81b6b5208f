import { secToDuration, type stageV1 } from '@avd/contracts';
import { AvdError, type TimeSpan } from '@avd/domain';
import { defineStageCall, type RecordingFacts } from '@avd/stage-host';
import type { DetectSpeechOutput } from '../detect-speech.js';
import { detectSpeechMethod, detectTrackSpeechMethod } from '../methods.js';
import type { DetectSpeechParams } from '../params.js';

/** More are only in the artifact. */
const MAX_LISTED = 500;

export const detectSpeechCall = defineStageCall({
  method: detectSpeechMethod,
  need: () => 'sound',
  toSpec: ({ sampleRange, params }: stageV1.DetectSpeechRequest, facts: RecordingFacts) => ({
    sampleRange: sampleRange ?? { startSample: 0, endSample: facts.audio?.sampleCount ?? 0 },
    params: toParams(params),
  }),
  summarize: ({ segments }: DetectSpeechOutput) => ({
    segments: segments.slice(0, MAX_LISTED).map(toSegment),
    segmentCount: segments.length,
  }),
});

export const detectTrackSpeechCall = defineStageCall({
  method: detectTrackSpeechMethod,
  required: () => ['linkTracks'],
  need: () => 'sound',
  toSpec: ({ params }: stageV1.DetectTrackSpeechRequest) => ({ params: toParams(params) }),
  summarize: (tracks: readonly DetectSpeechOutput[]) => ({ trackCount: tracks.length }),
});

/** Fields that are absent on the wire must be absent here: defaults are filled in by the stage, which checks the ranges. */
function toParams(params: stageV1.DetectSpeechParams | undefined): DetectSpeechParams {
  if (params === undefined || params.detector === '') {
    throw new AvdError(
      'invalidInput',
      'FIELD_MISSING',
      'The field params.detector is required: silero or pywebrtcvad.',
      { details: { field: 'params.detector' } },
    );
  }
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as DetectSpeechParams;
}

function toSegment({ startSec, endSec }: TimeSpan): stageV1.SpeechSegment {
  return { startOffset: secToDuration(startSec), endOffset: secToDuration(endSec) };
}
