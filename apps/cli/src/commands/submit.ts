import { PROFILES, resolveSettings } from '@avd/pipeline';
import { badOption, parseCommandLine } from '../arguments.js';
import { connect } from '../cluster/client/connect.js';
import { jobId } from '../cluster/client/job-name.js';
import { stateName, type Job } from '../cluster/client/job-state.js';
import { parseLabels } from '../cluster/client/labels.js';
import { chooseSource } from '../cluster/client/recording-source.js';
import {
  isOnThisMachine,
  parseServer,
  SERVER_HELP,
  SERVER_OPTIONS,
} from '../cluster/client/server-options.js';
import { submitJob } from '../cluster/client/submit-job.js';
import { goesOn, watchJob } from '../cluster/client/watch-job.js';
import { createReporter, type OutputMode } from '../progress/create-reporter.js';
import { parseChoices, SETTINGS_HELP, SETTINGS_OPTIONS } from '../settings-options.js';

const help = `avd submit - have a server say who spoke when in a recording

Usage: avd submit FILE|URI [options]

  FILE                    a server on this machine reads the file where it is; to any other it is sent,
                          and a sending that was broken off goes on where it was
  URI                     file://, s3:// or https:// address that the server may read
      --upload            send the file, also to a server on this machine
      --watch             follow the job to its end and fetch the results (default on a terminal)
      --detach            only print the name of the job
  -o, --out-dir DIR       where the results go (default: output); means --watch
      --id NAME           name for the job: 4 to 63 of a-z, 0-9 and -, a letter first
      --label KEY=VALUE   to find the job by; may be given several times
      --profile NAME      ${PROFILES.join(' | ')} (default: lite)
      --json              one JSON object a line on standard output
      --quiet             print nothing but errors, and the name of the job with --detach
  -h, --help

${SETTINGS_HELP}
${SERVER_HELP}
Ctrl-C while the job is followed does not stop the job; avd cancel does.

Examples:
  avd up &                                            a server on this machine
  avd submit interview.mp4 -o output
  avd submit https://media.example.org/talk.mp4 --detach --label series=talks
  avd submit talk.mp4 --server avd.example.org:443 --tls --num-speakers 2

Exit codes: as of avd diarize; 9 when no server answers; those of a failed job are the job's.
`;

/** `avd submit`: creates a job and, unless told otherwise, follows it. */
export async function submitCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const flag = { type: 'boolean' } as const;
  const parsed = parseCommandLine(argv, {
    ...SERVER_OPTIONS,
    ...SETTINGS_OPTIONS,
    ...{ upload: flag, watch: flag, detach: flag, json: flag, quiet: flag },
    'out-dir': { type: 'string', short: 'o' },
    id: { type: 'string' },
    label: { type: 'string', multiple: true },
  });
  const { values, positionals } = parsed;
  if (values['help'] === true) {
    process.stdout.write(help);
    return 0;
  }
  const [argument] = positionals;
  if (argument === undefined || positionals.length > 1) {
    throw badOption('avd submit needs one recording: avd submit FILE|URI.');
  }
  const outDir = values['out-dir'] as string | undefined;
  const isWatching =
    values['watch'] === true ||
    outDir !== undefined ||
    (values['detach'] !== true && process.stdout.isTTY);
  if (isWatching && values['detach'] === true) {
    throw badOption('--detach contradicts --watch and --out-dir; give one of them.');
  }
  const { choices, chunkFrames } = parseChoices(parsed);
  // Contradictions are said before anything is sent.
  resolveSettings(choices);
  const server = parseServer(parsed);
  const canReadFiles = isOnThisMachine(server.address) && values['upload'] !== true;
  const source = await chooseSource(argument, canReadFiles);
  const output: OutputMode =
    values['json'] === true ? 'json' : values['quiet'] === true ? 'quiet' : 'person';
  const id = values['id'] as string | undefined;
  await using connection = await connect(server);
  const reporter = createReporter(output);
  let job: Job;
  try {
    job = await submitJob(connection, {
      ...{ source, choices, signal },
      labels: parseLabels((values['label'] as string[] | undefined) ?? []),
      onEvent: (event) => reporter.event(event),
      ...(chunkFrames !== undefined && { chunkFrames }),
      ...(id !== undefined && { jobId: id }),
    });
  } finally {
    reporter.end();
  }
  tellName(job, output, isWatching);
  if (isWatching) {
    await watchJob(connection.jobs, {
      ...{ name: job.name, output, outDir: outDir ?? 'output', signal },
      isInteractive: process.stdin.isTTY,
    });
  }
  return 0;
}

function tellName(job: Job, output: OutputMode, isWatching: boolean): void {
  const { name } = job;
  if (output === 'json') {
    process.stdout.write(`${JSON.stringify({ type: 'job', job: name, state: stateName(job) })}\n`);
  } else if (!isWatching) {
    process.stdout.write(`${jobId(name)}\n`);
    if (output === 'person') process.stderr.write(`${goesOn(name)}\n`);
  } else if (output === 'person') {
    process.stderr.write(`job ${jobId(name)}\n`);
  }
}
