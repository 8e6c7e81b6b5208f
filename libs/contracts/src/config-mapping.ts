import { AvdError } from '@avd/domain';
import { DiarizationConfig } from './gen/avdiarization/v1/diarization_job.js';
import type { ErrorReasonName } from './error-reasons.js';

/** The names that each choice may take: the lists of the pipeline. */
export interface ConfigVocabulary {
  readonly profile: readonly string[];
  readonly faceDetector: readonly string[];
  readonly asd: readonly string[];
  readonly vad: readonly string[];
  readonly speakerModel: readonly string[];
  readonly faceModel: readonly string[];
  readonly offscreen: readonly string[];
  readonly precision: readonly string[];
}

const NAME_FIELDS = {
  profile: 'profile',
  faceDetector: 'face_detector',
  asd: 'asd',
  vad: 'vad',
  speakerModel: 'speaker_model',
  faceModel: 'face_model',
  offscreen: 'offscreen',
  precision: 'precision',
} as const satisfies Record<keyof ConfigVocabulary, string>;

const COUNT_FIELDS = {
  detectEvery: 'detect_every',
  numSpeakers: 'num_speakers',
  minSpeakers: 'min_speakers',
  maxSpeakers: 'max_speakers',
} as const;

/** What was chosen; the rest is absent. With the lists of the pipeline it is the pipeline's own type of choices. */
export type ConfigChoices<Vocabulary extends ConfigVocabulary = ConfigVocabulary> = {
  readonly [Name in keyof ConfigVocabulary]?: Vocabulary[Name][number];
} & { readonly [Name in keyof typeof COUNT_FIELDS]?: number };

/**
 * The choices of a config as the pipeline takes them; `chunkFrames` is left to the caller, as it is no choice that decides
 * the result.
 * @param vocabulary names that may be chosen
 * @param path path of the config in the request, for errors
 * @throws AvdError invalidInput INVALID_FIELD for an unknown name or a number below 1; `details.field` is its path
 */
export function configToChoices<const Vocabulary extends ConfigVocabulary>(
  config: DiarizationConfig,
  vocabulary: Vocabulary,
  path = 'diarization_job.config',
): ConfigChoices<Vocabulary> {
  const choices: Record<string, string | number> = {};
  for (const [name, field] of entriesOf(NAME_FIELDS)) {
    const value = config[name];
    if (value === '') continue;
    const known = vocabulary[name];
    if (!known.includes(value)) {
      throw invalidField(`${path}.${field}`, `must be one of ${known.join(', ')}, not "${value}"`);
    }
    choices[name] = value;
  }
  for (const [name, field] of entriesOf(COUNT_FIELDS)) {
    const value = config[name];
    if (value === undefined) continue;
    checkCount(value, `${path}.${field}`);
    choices[name] = value;
  }
  if (config.chunkFrames !== undefined) checkCount(config.chunkFrames, `${path}.chunk_frames`);
  return choices;
}

/** Inverse of configToChoices; undefined counts as absent. */
export function choicesToConfig(
  choices: { readonly [Name in keyof ConfigChoices]?: ConfigChoices[Name] | undefined },
  chunkFrames?: number,
): DiarizationConfig {
  const chosen: Partial<DiarizationConfig> = {};
  for (const [name] of entriesOf(NAME_FIELDS)) chosen[name] = choices[name] ?? '';
  for (const [name] of entriesOf(COUNT_FIELDS)) chosen[name] = choices[name];
  return DiarizationConfig.fromPartial({ ...chosen, chunkFrames });
}

function checkCount(value: number, field: string): void {
  if (value < 1) throw invalidField(field, `must be 1 or more, not ${value}`);
}

function invalidField(field: string, rule: string): AvdError {
  const reason: ErrorReasonName = 'INVALID_FIELD';
  return new AvdError('invalidInput', reason, `${field} ${rule}.`, { details: { field } });
}

function entriesOf<Key extends string>(record: Readonly<Record<Key, string>>): [Key, string][] {
  return Object.entries(record) as [Key, string][];
}
