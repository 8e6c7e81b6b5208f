import { AvdError } from '@avd/domain';

export const PROFILES = ['lite', 'modern', 'voxconverse'] as const;
export const FACE_DETECTORS = ['blazeface', 'yunet', 's3fd'] as const;
export const ACTIVE_SPEAKER_DETECTORS = ['lips', 'lr-asd', 'syncnet'] as const;
export const VAD_MODELS = ['pywebrtcvad', 'silero'] as const;
export const SPEAKER_MODELS = ['recording', 'resnetse34', 'ecapa-tdnn'] as const;
export const FACE_MODELS = ['faceres', 'vggface2'] as const;
export const OFFSCREEN_MODES = ['cluster', 'unknown'] as const;
export const PRECISIONS = ['float32', 'int8'] as const;

/** The names that each choice may take. */
export const SETTINGS_VOCABULARY = {
  profile: PROFILES,
  faceDetector: FACE_DETECTORS,
  asd: ACTIVE_SPEAKER_DETECTORS,
  vad: VAD_MODELS,
  speakerModel: SPEAKER_MODELS,
  faceModel: FACE_MODELS,
  offscreen: OFFSCREEN_MODES,
  precision: PRECISIONS,
} as const;

/** Everything that decides the result of a run. */
export interface DiarizeSettings {
  readonly profile: (typeof PROFILES)[number];
  readonly faceDetector: (typeof FACE_DETECTORS)[number];
  /** Active speaker detection: whether the lips belong to the voice. */
  readonly asd: (typeof ACTIVE_SPEAKER_DETECTORS)[number];
  readonly vad: (typeof VAD_MODELS)[number];
  readonly speakerModel: (typeof SPEAKER_MODELS)[number];
  readonly faceModel: (typeof FACE_MODELS)[number];
  /** Look for faces on every N-th frame; tracks are interpolated between. @minimum 1 */
  readonly detectEvery: number;
  /** Speech that no visible face explains: gets speakers of its own, or the one speaker `unknown`. */
  readonly offscreen: (typeof OFFSCREEN_MODES)[number];
  /** `int8`: the networks that have an 8-bit form are used in it. */
  readonly precision: (typeof PRECISIONS)[number];
  readonly numSpeakers?: number;
  readonly minSpeakers?: number;
  readonly maxSpeakers?: number;
}

/** What a caller may leave out or set to undefined; the profile fills it in. */
export type DiarizeChoices = {
  readonly [Name in keyof DiarizeSettings]?: DiarizeSettings[Name] | undefined;
};

const profiles: Readonly<Record<DiarizeSettings['profile'], DiarizeSettings>> = {
  lite: {
    profile: 'lite',
    faceDetector: 'blazeface',
    asd: 'lips',
    vad: 'silero',
    speakerModel: 'recording',
    faceModel: 'faceres',
    detectEvery: 4,
    offscreen: 'cluster',
    precision: 'float32',
  },
  modern: {
    profile: 'modern',
    faceDetector: 'yunet',
    asd: 'lr-asd',
    vad: 'silero',
    speakerModel: 'recording',
    faceModel: 'faceres',
    detectEvery: 4,
    offscreen: 'cluster',
    precision: 'float32',
  },
  voxconverse: {
    profile: 'voxconverse',
    faceDetector: 's3fd',
    asd: 'syncnet',
    vad: 'pywebrtcvad',
    speakerModel: 'resnetse34',
    faceModel: 'vggface2',
    detectEvery: 1,
    offscreen: 'unknown',
    precision: 'float32',
  },
};

/**
 * Fills the choices up from the profile (default `lite`).
 * @throws AvdError invalidInput when choices contradict each other
 */
export function resolveSettings(choices: DiarizeChoices): DiarizeSettings {
  const chosen = Object.fromEntries(
    Object.entries(choices).filter(([, value]) => value !== undefined),
  );
  const settings: DiarizeSettings = { ...profiles[choices.profile ?? 'lite'], ...chosen };
  const { numSpeakers, minSpeakers, maxSpeakers } = settings;
  if (numSpeakers !== undefined && (minSpeakers !== undefined || maxSpeakers !== undefined)) {
    throw contradiction(
      'Give either the exact number of speakers or its minimum and maximum, not both.',
    );
  }
  if (minSpeakers !== undefined && maxSpeakers !== undefined && minSpeakers > maxSpeakers) {
    throw contradiction(
      `The minimum of ${minSpeakers} speakers is above the maximum of ${maxSpeakers}.`,
    );
  }
  const countOptions = [numSpeakers, minSpeakers, maxSpeakers];
  if (usesPaperMethod(settings) && countOptions.some((count) => count !== undefined)) {
    throw contradiction(
      `With the speaker model ${settings.speakerModel} the number of speakers cannot be given; leave it out or use the speaker model recording.`,
    );
  }
  return settings;
}

/**
 * Whether turns are found by the method of the 2020 paper, which compares the embeddings of a speaker network; else by
 * the adaptive one, which learns the voices from the recording itself.
 */
export function usesPaperMethod({ speakerModel }: Pick<DiarizeSettings, 'speakerModel'>): boolean {
  return speakerModel !== 'recording';
}

function contradiction(message: string): AvdError {
  return new AvdError('invalidInput', 'CONTRADICTING_OPTIONS', message);
}
