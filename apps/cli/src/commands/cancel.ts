import { randomUUID } from 'node:crypto';
import { CALL_LIMIT_SEC, retrying } from '../cluster/client/connect.js';
import { jobId, withAdvice } from '../cluster/client/job-name.js';
import { hasEnded, stateName } from '../cluster/client/job-state.js';
import { parseOneJob } from '../cluster/client/one-job.js';
import { SERVER_HELP } from '../cluster/client/server-options.js';
import { pause } from '../cluster/processes/pause.js';

const help = `avd cancel - stop a job

Usage: avd cancel JOB [options]

  JOB                     name of the job; avd list shows all
      --json              the job's name and state as one JSON object
  -h, --help

${SERVER_HELP}
The work stops within a moment. A job that has ended stays as it is.
`;

/** `avd cancel`: asks for a stop, and says how the job then stands. */
export async function cancelCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const asked = await parseOneJob('cancel', help, argv, { json: { type: 'boolean' } });
  if (asked === undefined) return 0;
  await using connection = asked.connection;
  const { parsed, name } = asked;
  const { jobs } = connection;
  const request = { name, requestId: randomUUID() };
  try {
    const job = await retrying(
      () => jobs.call('cancelDiarizationJob', request, { signal, deadlineSec: CALL_LIMIT_SEC }),
      (delayMs) => pause(delayMs, signal),
    );
    const state = stateName(job);
    const sentence =
      hasEnded(job) && state !== 'CANCELLED'
        ? `The job ${jobId(name)} has ended before: ${state}.`
        : `The job ${jobId(name)} is stopped: ${state}.`;
    process.stdout.write(
      parsed.values['json'] === true
        ? `${JSON.stringify({ job: name, state })}\n`
        : `${sentence}\n`,
    );
  } catch (error) {
    throw withAdvice(error, name, jobs.address);
  }
  return 0;
}
