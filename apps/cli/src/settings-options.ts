import {
  ACTIVE_SPEAKER_DETECTORS,
  FACE_DETECTORS,
  FACE_MODELS,
  OFFSCREEN_MODES,
  PRECISIONS,
  PROFILES,
  SPEAKER_MODELS,
  VAD_MODELS,
  type DiarizeChoices,
} from '@avd/pipeline';
import { choice, wholeNumber, type ParsedArguments } from './arguments.js';

const text = { type: 'string' } as const;

/** Options that decide the result, the same for every command that diarizes. */
export const SETTINGS_OPTIONS = {
  profile: text,
  'num-speakers': text,
  'min-speakers': text,
  'max-speakers': text,
  offscreen: text,
  vad: text,
  'speaker-model': text,
  'face-detector': text,
  asd: text,
  'face-model': text,
  'detect-every': text,
  precision: text,
  'chunk-frames': text,
} as const;

export const SETTINGS_HELP = `Who is there:
      --num-speakers N    exactly N speakers
      --min-speakers N    at least N speakers
      --max-speakers N    at most N speakers
      --offscreen MODE    ${OFFSCREEN_MODES.join(' | ')}: speech of nobody in the picture gets speakers of its own,
                          or the one speaker "unknown" (default: by profile)

Parts (default: by profile):
      --vad NAME            ${VAD_MODELS.join(' | ')}
      --speaker-model NAME  ${SPEAKER_MODELS.join(' | ')}
      --face-detector NAME  ${FACE_DETECTORS.join(' | ')}
      --asd NAME            ${ACTIVE_SPEAKER_DETECTORS.join(' | ')}  (active speaker detection)
      --face-model NAME     ${FACE_MODELS.join(' | ')}
      --detect-every N      look for faces on every N-th frame
      --precision NAME      ${PRECISIONS.join(' | ')} (default: float32); int8: the 8-bit forms of s3fd and syncnet, faster and
                            not quite the same; first: avd models quantize s3fd syncnet-lip --calibrate VIDEO
      --chunk-frames N      frames worked on at a time; changes memory, never the result (default: 1500)
`;

/** What was chosen; what is absent comes from the profile. @throws AvdError invalidInput BAD_OPTION */
export function parseChoices(parsed: ParsedArguments): {
  readonly choices: DiarizeChoices;
  readonly chunkFrames: number | undefined;
} {
  return {
    choices: {
      profile: choice(parsed, 'profile', PROFILES),
      faceDetector: choice(parsed, 'face-detector', FACE_DETECTORS),
      asd: choice(parsed, 'asd', ACTIVE_SPEAKER_DETECTORS),
      vad: choice(parsed, 'vad', VAD_MODELS),
      speakerModel: choice(parsed, 'speaker-model', SPEAKER_MODELS),
      faceModel: choice(parsed, 'face-model', FACE_MODELS),
      offscreen: choice(parsed, 'offscreen', OFFSCREEN_MODES),
      precision: choice(parsed, 'precision', PRECISIONS),
      detectEvery: wholeNumber(parsed, 'detect-every', 1, 25),
      numSpeakers: wholeNumber(parsed, 'num-speakers', 1),
      minSpeakers: wholeNumber(parsed, 'min-speakers', 1),
      maxSpeakers: wholeNumber(parsed, 'max-speakers', 1),
    },
    chunkFrames: wholeNumber(parsed, 'chunk-frames', 1),
  };
}
