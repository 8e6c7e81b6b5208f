import { filesOf, isDownloaded, pullModels } from '@avd/models';
import { convertEach } from './convert.js';
import { chosenModels } from './models-context.js';
import type { ModelsContext } from './models-context.js';
import { pullReporter } from './pull-progress.js';

/** `avd models pull`: afterwards the chosen models are ready to run. */
export async function pullAndConvert(context: ModelsContext): Promise<number> {
  const { cacheDir, signal } = context;
  const entries = chosenModels(context);
  const wanted = entries.filter((entry) => filesOf(entry).some(isDownloaded));
  if (wanted.length === 0) {
    process.stdout.write('Nothing to do: these models come with the installation.\n');
    return 0;
  }
  const reporter = pullReporter(process.stderr);
  try {
    await pullModels(wanted, { cacheDir, signal, onEvent: (event) => reporter.event(event) });
  } finally {
    reporter.end();
  }
  await convertEach(wanted, context);
  const names = wanted.map(({ name }) => name).join(', ');
  process.stdout.write(`Ready in ${cacheDir}: ${names}\n`);
  return 0;
}
