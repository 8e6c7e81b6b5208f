import { jsonReporter, lineReporter } from './lines.js';
import { silentReporter, type Reporter } from './reporter.js';
import { terminalReporter } from './terminal.js';

/** For a person, for a program, or nothing but errors. */
export type OutputMode = 'person' | 'json' | 'quiet';

/** Progress goes to standard error for a person, and to standard output as JSON lines for a program. */
export function createReporter(output: OutputMode): Reporter {
  switch (output) {
    case 'json':
      return jsonReporter(process.stdout);
    case 'quiet':
      return silentReporter;
    case 'person':
      return process.stderr.isTTY ? terminalReporter(process.stderr) : lineReporter(process.stderr);
  }
}
