import { ERROR_KINDS } from '@avd/domain';
import { pullCommand, verifyModel } from '@avd/models';
import { chosenModels } from './models-context.js';
import type { ModelsContext } from './models-context.js';

/** `avd models verify`: says what is damaged, and what is missing of the models the user named. */
export async function verifyModels(context: ModelsContext): Promise<number> {
  const seen = new Set<string>();
  const damaged: string[] = [];
  const missing: string[] = [];
  for (const entry of chosenModels(context)) {
    const files = await verifyModel(entry, context.cacheDir);
    if (files.length === 0) missing.push(entry.name);
    if (files.some(({ isRight }) => !isRight)) damaged.push(entry.name);
    for (const { path, isRight } of files) {
      if (seen.has(path)) continue;
      seen.add(path);
      process.stdout.write(`${isRight ? 'right   ' : 'DAMAGED '} ${path}\n`);
    }
  }
  if (damaged.length > 0) {
    const command = pullCommand(damaged, context.cacheDir);
    process.stderr.write(`avd: damaged; to replace them run: ${command}\n`);
    return ERROR_KINDS.model.exitCode;
  }
  if (context.words.length > 0 && missing.length > 0) {
    const command = pullCommand(missing, context.cacheDir);
    process.stderr.write(`avd: not on this computer; run: ${command}\n`);
    return ERROR_KINDS.precondition.exitCode;
  }
  process.stdout.write(`${seen.size} files are right.\n`);
  return 0;
}
