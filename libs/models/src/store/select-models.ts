import { AvdError } from '@avd/domain';
import type { ModelEntry, ModelManifest } from '../manifest.js';

/** Stands for every network. */
const ALL = 'all';

/**
 * The networks some words of a user stand for: names of networks, of profiles, or `all`.
 * @returns in the order of the words, those of a profile in the order of the manifest, each once
 * @throws AvdError kind `model` reason MODEL_UNKNOWN naming what there is
 */
export function selectModels(
  words: readonly string[],
  manifest: ModelManifest,
): readonly ModelEntry[] {
  const chosen = words.flatMap((word) => {
    const meant = [...manifest.values()].filter(
      ({ name, profiles }) => word === ALL || word === name || profiles.includes(word),
    );
    if (meant.length === 0) throw unknownModel(word, manifest);
    return meant;
  });
  return [...new Set(chosen)];
}

/** Profiles that some network belongs to. */
export function profilesOf(manifest: ModelManifest): readonly string[] {
  return [...new Set([...manifest.values()].flatMap(({ profiles }) => profiles))];
}

export function unknownModel(name: string, manifest: ModelManifest): AvdError {
  const known = [...manifest.keys()].join(', ');
  const profiles = profilesOf(manifest).join(', ');
  return new AvdError(
    'model',
    'MODEL_UNKNOWN',
    `There is no model ${name}; known models: ${known}; profiles: ${profiles}.`,
  );
}
