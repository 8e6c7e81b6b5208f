import type { Plan, StepName } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import { diarizeStep } from './diarize.js';
import { detectFacesStep, linkTracksStep } from './find-faces.js';
import {
  detectSpeechStep,
  detectTrackSpeechStep,
  embedVoicesStep,
  embedVoiceWindowsStep,
} from './hear.js';
import { readFacesStep, scoreLipsStep } from './read-faces.js';
import type { Step, StepOutputs } from './step.js';

/** Every step of the graph: which stage does it, with which networks, parameters and input. */
export const stepTable: { readonly [Name in StepName]: Step<StepOutputs[Name]> } = {
  detectFaces: detectFacesStep,
  linkTracks: linkTracksStep,
  detectSpeech: detectSpeechStep,
  detectTrackSpeech: detectTrackSpeechStep,
  readFaces: readFacesStep,
  scoreLips: scoreLipsStep,
  embedVoices: embedVoicesStep,
  embedVoiceWindows: embedVoiceWindowsStep,
  diarize: diarizeStep,
};

/** Networks that a plan needs, each once. */
export function requiredModels(plan: Plan, settings: DiarizeSettings): string[] {
  return [...new Set(plan.steps.flatMap(({ step }) => stepTable[step].models(settings)))];
}
