import { pipeline } from 'node:stream/promises';
import { diarizationV1 } from '@avd/contracts';
import { badOption, choice } from '../arguments.js';
import { CALL_LIMIT_SEC } from '../cluster/client/connect.js';
import {
  downloadResults,
  EXPORT_FORMATS,
  exportResult,
  type ExportFormat,
} from '../cluster/client/download-results.js';
import { jobFacts } from '../cluster/client/job-facts.js';
import { withAdvice } from '../cluster/client/job-name.js';
import { parseOneJob } from '../cluster/client/one-job.js';
import { SERVER_HELP } from '../cluster/client/server-options.js';

const FORMATS = Object.keys(EXPORT_FORMATS) as ExportFormat[];

const help = `avd get - how a job stands, and its results

Usage: avd get JOB [options]

  JOB                     name of the job; avd list shows all
  -o, --out-dir DIR       fetch the results: result.rttm, result.json, diarization.json
      --format NAME       write the result to standard output:
                          ${FORMATS.join(' | ')}
      --json              the whole job as one JSON object
  -h, --help

${SERVER_HELP}
Examples:
  avd get talk-1
  avd get talk-1 --format vtt > talk.vtt
  avd get talk-1 -o output
`;

/** `avd get`: facts of a job, or its result in any format. */
export async function getCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const asked = await parseOneJob('get', help, argv, {
    json: { type: 'boolean' },
    format: { type: 'string' },
    'out-dir': { type: 'string', short: 'o' },
  });
  if (asked === undefined) return 0;
  await using connection = asked.connection;
  const { parsed, name } = asked;
  const { jobs } = connection;
  const outDir = parsed.values['out-dir'] as string | undefined;
  const format = choice(parsed, 'format', FORMATS);
  if (outDir !== undefined && format !== undefined) {
    throw badOption('--out-dir and --format contradict each other; give one of them.');
  }
  try {
    if (format !== undefined) {
      await pipeline(exportResult(jobs, name, format, signal), process.stdout, { end: false });
    } else if (outDir !== undefined) {
      await downloadResults(jobs, name, outDir, signal);
      process.stdout.write(`results in ${outDir}\n`);
    } else {
      const options = { signal, deadlineSec: CALL_LIMIT_SEC };
      const job = await jobs.call('getDiarizationJob', { name }, options);
      process.stdout.write(
        parsed.values['json'] === true
          ? `${JSON.stringify(diarizationV1.DiarizationJob.toJSON(job), undefined, 2)}\n`
          : jobFacts(job),
      );
    }
  } catch (error) {
    throw withAdvice(error, name, jobs.address);
  }
  return 0;
}
