/** `avd diarize` in a process of its own, measured. */
import { fileURLToPath } from 'node:url';
import { runMeasured } from './process-tree.mjs';

const CLI = fileURLToPath(new URL('../apps/cli/bin/avd.js', import.meta.url));

/**
 * @param args options of `avd diarize`
 * @param prefix command in front of it, such as `chrt -r 1`
 * @returns what runMeasured tells, and the step events
 */
export async function diarizeMeasured(args, prefix = []) {
  const [command, ...rest] = [...prefix, process.execPath, CLI, 'diarize', ...args, '--json'];
  const run = await runMeasured(command, rest);
  const events = run.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...run, steps: events.filter(({ type }) => type === 'step') };
}
