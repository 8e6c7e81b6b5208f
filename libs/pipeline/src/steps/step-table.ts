import type { Plan, StepName } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import { diarizeStep } from './diarize.js';
import {
  detectSpeechStep,
  detectTrackSpeechStep,
  embedVoicesStep,
  embedVoiceWindowsStep,
} from './hear.js';
import type { Step, StepOutputs } from './step.js';
import {
  detectFacesStep,
  embedFacesStep,
  linkTracksStep,
  readLipsStep,
  scoreLipsStep,
} from './watch.js';

/** Every step of the graph: which method of which stage does it, with which piece and parameters. */
export const stepTable: { readonly [Name in StepName]: Step<StepOutputs[Name]> } = {
  detectFaces: detectFacesStep,
  linkTracks: linkTracksStep,
  detectSpeech: detectSpeechStep,
  detectTrackSpeech: detectTrackSpeechStep,
  readLips: readLipsStep,
  scoreLips: scoreLipsStep,
  embedFaces: embedFacesStep,
  embedVoices: embedVoicesStep,
  embedVoiceWindows: embedVoiceWindowsStep,
  diarize: diarizeStep,
};

/** Networks that a plan needs, each once. */
export function requiredModels(plan: Plan, settings: DiarizeSettings): string[] {
  const names = plan.steps.flatMap(({ step }) =>
    stepTable[step].models({ plan, index: 0, settings }),
  );
  return [...new Set(names)];
}
