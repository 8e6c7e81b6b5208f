import {
  diarizeMethod,
  REFERENCE_DEFAULTS,
  type AdaptiveParams,
  type ReferenceParams,
} from '@avd/cluster';
import { usesPaperMethod, type DiarizeSettings } from '../settings.js';
import { defineStep } from './step.js';

export const diarizeStep = defineStep(
  diarizeMethod,
  (results) => ({ ...results, detectSpeech: results.detectSpeech! }),
  ({ settings }) =>
    usesPaperMethod(settings)
      ? { method: 'reference', params: referenceParams(settings) }
      : { method: 'adaptive', params: adaptiveParams(settings) },
);

function adaptiveParams(settings: DiarizeSettings): AdaptiveParams {
  const { offscreen, numSpeakers, minSpeakers, maxSpeakers } = settings;
  return {
    offscreen,
    ...(numSpeakers === undefined ? {} : { numSpeakers }),
    ...(minSpeakers === undefined ? {} : { minSpeakers }),
    ...(maxSpeakers === undefined ? {} : { maxSpeakers }),
  };
}

/** The slips of the reference change its results, so they belong to its profile and to nothing else. */
function referenceParams({ profile, offscreen }: DiarizeSettings): ReferenceParams {
  return {
    ...REFERENCE_DEFAULTS,
    quirks: profile === 'voxconverse',
    groupUnknownVoices: offscreen === 'cluster',
  };
}
