import { locateModel } from '@avd/models';
import { chosenModels } from './models-context.js';
import type { ModelsContext } from './models-context.js';

/** `avd models where`: for scripts, nothing but paths. */
export async function whereModels(context: ModelsContext): Promise<number> {
  const { words, cacheDir, manifest } = context;
  if (words.length === 0) {
    process.stdout.write(`${cacheDir}\n`);
    return 0;
  }
  for (const { name } of chosenModels(context)) {
    const { path } = await locateModel(name, { cacheDir, manifest });
    process.stdout.write(`${path}\n`);
  }
  return 0;
}
