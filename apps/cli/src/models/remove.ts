import { removeModel } from '@avd/models';
import { badOption } from '../arguments.js';
import { chosenModels } from './models-context.js';
import type { ModelsContext } from './models-context.js';

/** `avd models remove`. */
export async function removeModels(context: ModelsContext): Promise<number> {
  if (context.words.length === 0) {
    throw badOption('avd models remove needs a profile, names of models, or all.');
  }
  let count = 0;
  for (const entry of chosenModels(context)) {
    for (const file of await removeModel(entry, context.cacheDir)) {
      process.stdout.write(`removed ${file}\n`);
      count++;
    }
  }
  if (count === 0) process.stdout.write('There was nothing to remove.\n');
  return 0;
}
