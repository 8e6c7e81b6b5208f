import { secToDuration, type stageV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { defineStageCall } from '@avd/stage-host';
import type { AdaptiveParams } from '../adaptive/index.js';
import { diarizeMethod, type DiarizeOutput, type DiarizeSpec } from '../method/diarize.js';

/** More are only in the artifact. */
const MAX_LISTED = 500;

export const diarizeCall = defineStageCall({
  method: diarizeMethod,
  required: requiredSteps,
  need: () => 'none',
  toSpec: ({ method }: stageV1.DiarizeRequest): DiarizeSpec => {
    if (method === undefined) {
      throw new AvdError(
        'invalidInput',
        'FIELD_MISSING',
        'One of the fields adaptive and reference is required.',
        { details: { field: 'method' } },
      );
    }
    return method.$case === 'adaptive'
      ? { method: 'adaptive', params: toAdaptive(method.value) }
      : { method: 'reference', params: method.value };
  },
  summarize: ({ turns, speakers }: DiarizeOutput) => ({
    turns: turns.slice(0, MAX_LISTED).map(({ startSec, endSec, speaker, confidence }) => ({
      startOffset: secToDuration(startSec),
      endOffset: secToDuration(endSec),
      speaker,
      confidence,
    })),
    turnCount: turns.length,
    speakers: speakers.map(({ label }) => label),
  }),
});

function requiredSteps({ method, inputs }: stageV1.DiarizeRequest): readonly string[] {
  if (method?.$case !== 'reference') return ['detectSpeech', 'embedVoices'];
  const ofTracks = inputs['linkTracks'] === undefined ? [] : ['detectTrackSpeech'];
  return ['detectSpeech', 'embedVoiceWindows', ...ofTracks];
}

function toAdaptive({ offscreen, ...counts }: stageV1.AdaptiveParams): AdaptiveParams {
  if (offscreen !== 'cluster' && offscreen !== 'unknown') {
    throw new AvdError(
      'invalidInput',
      'INVALID_FIELD',
      `adaptive.offscreen is cluster or unknown, not "${offscreen}".`,
      { details: { field: 'adaptive.offscreen' } },
    );
  }
  const given = Object.entries(counts).filter(([, value]) => value !== undefined);
  return { offscreen, ...Object.fromEntries(given) };
}
