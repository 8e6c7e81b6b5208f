import { badOption, parseCommandLine, type ParsedArguments } from '../../arguments.js';
import { connect, type ServerConnection } from './connect.js';
import { toJobName } from './job-name.js';
import { parseServer, SERVER_OPTIONS } from './server-options.js';

/** A command line about one job that is there, and the connection to its server. */
export interface OneJob {
  readonly parsed: ParsedArguments;
  /** Full name of the job. */
  readonly name: string;
  readonly connection: ServerConnection;
}

/**
 * Reads the command line of `avd COMMAND JOB`.
 * @returns undefined when help was asked for, and printed
 * @throws AvdError invalidInput BAD_OPTION
 */
export async function parseOneJob(
  command: string,
  help: string,
  argv: readonly string[],
  options: Parameters<typeof parseCommandLine>[1],
): Promise<OneJob | undefined> {
  const parsed = parseCommandLine(argv, { ...SERVER_OPTIONS, ...options });
  if (parsed.values['help'] === true) {
    process.stdout.write(help);
    return undefined;
  }
  const [argument] = parsed.positionals;
  if (argument === undefined || parsed.positionals.length > 1) {
    throw badOption(`avd ${command} needs one job: avd ${command} JOB; avd list shows them.`);
  }
  const name = toJobName(argument);
  return { parsed, name, connection: await connect(parseServer(parsed)) };
}
