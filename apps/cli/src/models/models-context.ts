import { selectModels } from '@avd/models';
import type { ModelEntry, ModelManifest } from '@avd/models';

/** What a sub-command of `avd models` is told. */
export interface ModelsContext {
  /** Profiles and names of models the user gave. */
  readonly words: readonly string[];
  readonly cacheDir: string;
  readonly manifest: ModelManifest;
  readonly asJson: boolean;
  /** For quantize: the video the ranges of numbers are seen on. */
  readonly calibrationVideo?: string;
  readonly signal: AbortSignal;
}

/** The models that are meant: all of them when the user named none. */
export function chosenModels({ words, manifest }: ModelsContext): readonly ModelEntry[] {
  return selectModels(words.length === 0 ? ['all'] : words, manifest);
}
