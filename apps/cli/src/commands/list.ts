import { diarizationV1 } from '@avd/contracts';
import { badOption, choice, parseCommandLine, wholeNumber } from '../arguments.js';
import { CALL_LIMIT_SEC, connect } from '../cluster/client/connect.js';
import { jobTable } from '../cluster/client/job-facts.js';
import { STATE_NAMES, type Job } from '../cluster/client/job-state.js';
import { parseLabels } from '../cluster/client/labels.js';
import { parseServer, SERVER_HELP, SERVER_OPTIONS } from '../cluster/client/server-options.js';

const help = `avd list - the jobs of a server, newest first

Usage: avd list [options]

      --state STATE       only those that are ${STATE_NAMES.map((name) => name.toLowerCase()).join(', ')}
      --label KEY=VALUE   only those with this label; may be given several times
      --limit N           at most N jobs (default: 50)
      --json              one JSON object a line, each a whole job
  -h, --help

${SERVER_HELP}
Examples:
  avd list --state running
  avd list --label series=talks --json | jq -r .name
`;

const DEFAULT_LIMIT = 50;
const MAX_PAGE = 1000;

/** `avd list`: a table, or JSON lines. */
export async function listCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const text = { type: 'string' } as const;
  const parsed = parseCommandLine(argv, {
    ...SERVER_OPTIONS,
    ...{ state: text, limit: text, json: { type: 'boolean' } },
    label: { type: 'string', multiple: true },
  });
  const { values, positionals } = parsed;
  if (values['help'] === true) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length > 0) throw badOption('avd list takes options only; see --help.');
  const lowerState = (values['state'] as string | undefined)?.toLowerCase();
  const state = choice(
    { positionals, values: { state: lowerState } },
    'state',
    STATE_NAMES.map((name) => name.toLowerCase()),
  );
  const limit = wholeNumber(parsed, 'limit', 1) ?? DEFAULT_LIMIT;
  const labels = parseLabels((values['label'] as string[] | undefined) ?? []);
  const filter = [
    ...(state === undefined ? [] : [`state=${state.toUpperCase()}`]),
    ...Object.entries(labels).map(([key, value]) => `labels.${key}=${value}`),
  ].join(' AND ');
  await using connection = await connect(parseServer(parsed));
  const found: Job[] = [];
  let pageToken = '';
  do {
    const pageSize = Math.min(MAX_PAGE, limit - found.length);
    const page = await connection.jobs.call(
      'listDiarizationJobs',
      { pageSize, pageToken, filter },
      { signal, deadlineSec: CALL_LIMIT_SEC },
    );
    found.push(...page.diarizationJobs);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && found.length < limit);
  if (values['json'] === true) {
    for (const job of found) {
      process.stdout.write(`${JSON.stringify(diarizationV1.DiarizationJob.toJSON(job))}\n`);
    }
  } else {
    process.stdout.write(jobTable(found));
  }
  return 0;
}
