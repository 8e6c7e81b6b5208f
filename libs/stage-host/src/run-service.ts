import { AvdError } from '@avd/domain';
import {
  describeConfig,
  parseConfig,
  type Fields,
  type SettingsOfFields,
  type SettingsSchema,
} from '@avd/config';

/** A service that was started; disposing stops it gracefully. */
export type RunningService = AsyncDisposable;

/**
 * Life of a service's process: settings from the environment, start, wait for SIGTERM or SIGINT, graceful stop.
 * `--help` and `--print-config` show the settings. A second signal ends the process at once.
 */
export async function runService<F extends Fields>(
  name: string,
  schema: SettingsSchema<F>,
  start: (settings: SettingsOfFields<F>) => Promise<RunningService>,
): Promise<void> {
  try {
    if (process.argv.includes('--help')) {
      process.stdout.write(`${name}: configured by the environment\n\n${describeConfig(schema)}\n`);
      return;
    }
    const { settings, warnings } = parseConfig(schema, process.env);
    if (process.argv.includes('--print-config')) {
      process.stdout.write(`${describeConfig(schema, settings)}\n`);
      return;
    }
    for (const warning of warnings) process.stderr.write(`${name}: ${warning}\n`);
    const stopped = firstSignal();
    const service = await start(settings);
    await stopped;
    process.once('SIGTERM', leaveAtOnce);
    process.once('SIGINT', leaveAtOnce);
    await service[Symbol.asyncDispose]();
    process.exit(0);
  } catch (error) {
    const known = AvdError.from(error);
    process.stderr.write(`${name}: ${known.message}\n`);
    if (known.kind === 'internal') process.stderr.write(`${String((error as Error).stack)}\n`);
    // What was started before the failure, as a connection, must not keep the process.
    process.exit(known.exitCode);
  }
}

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}

function leaveAtOnce(): void {
  process.exit(130);
}
