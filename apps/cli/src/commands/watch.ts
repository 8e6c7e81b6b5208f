import { parseOneJob } from '../cluster/client/one-job.js';
import { SERVER_HELP } from '../cluster/client/server-options.js';
import { watchJob } from '../cluster/client/watch-job.js';

const help = `avd watch - follow a job to its end

Usage: avd watch JOB [-o OUT_DIR] [options]

  JOB                     name of the job, as avd submit printed it; avd list shows all
  -o, --out-dir DIR       fetch the results at the end: result.rttm, result.json, diarization.json
      --json              one JSON object a line on standard output: progress, then a summary
      --quiet             print nothing but errors
  -h, --help

${SERVER_HELP}
A job that has ended is told at once. Ctrl-C does not stop the job; avd cancel does.

Exit codes: 0 the job succeeded, 130 it was cancelled or left, else that of the job's error.
`;

/** `avd watch`: the display of `avd diarize` for a job on a server. */
export async function watchCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const options = { json: flag, quiet: flag, 'out-dir': { type: 'string', short: 'o' } } as const;
  const asked = await parseOneJob('watch', help, argv, options);
  if (asked === undefined) return 0;
  await using connection = asked.connection;
  const { values } = asked.parsed;
  const outDir = values['out-dir'] as string | undefined;
  await watchJob(connection.jobs, {
    ...{ name: asked.name, signal, isInteractive: process.stdin.isTTY },
    output: values['json'] === true ? 'json' : values['quiet'] === true ? 'quiet' : 'person',
    ...(outDir !== undefined && { outDir }),
  });
  return 0;
}
