import { AvdError } from '@avd/domain';
import { formsOf, locateModel, modelStatus } from '@avd/models';
import type { ModelEntry } from '@avd/models';
import { chosenModels } from './models-context.js';
import type { ModelsContext } from './models-context.js';

/** `avd models convert`: the named models, or every one whose file is there. */
export async function convertModels(context: ModelsContext): Promise<number> {
  const { words, cacheDir } = context;
  const entries: ModelEntry[] = [];
  for (const entry of chosenModels(context)) {
    const { state } = await modelStatus(entry, cacheDir);
    // A model the user named must be there; locateModel says so.
    if (words.length > 0 || ['included', 'pulled', 'ready'].includes(state)) entries.push(entry);
  }
  await convertEach(entries, context);
  process.stdout.write(`${entries.length} models are ready as ONNX.\n`);
  return 0;
}

/** Makes the ONNX files of every model that has none yet, and says so. */
export async function convertEach(
  entries: readonly ModelEntry[],
  { cacheDir, manifest, signal }: ModelsContext,
): Promise<void> {
  for (const entry of entries) {
    if (signal.aborted) throw new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.');
    const startedMs = performance.now();
    for (const form of formsOf(entry)) {
      await locateModel(entry.name, { cacheDir, manifest, form });
    }
    if (entry.conversion?.from === 'checkpoint') {
      const elapsedSec = (performance.now() - startedMs) / 1000;
      process.stderr.write(`${entry.name}: ready as ONNX (${elapsedSec.toFixed(1)} s)\n`);
    }
  }
}
