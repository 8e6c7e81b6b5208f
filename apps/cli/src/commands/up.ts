import { isPortFree } from '../cluster/system/ports.js';
import { startSystem } from '../cluster/system/start-system.js';
import { systemFacts, systemTable } from '../cluster/system/system-report.js';
import type { SystemEvent } from '../cluster/system/system-types.js';
import { parseUpOptions, UP_HELP } from '../cluster/system/up-options.js';
import type { OutputMode } from '../progress/create-reporter.js';

const USUAL_HTTP_PORT = 8080;

/** `avd up`: starts the system, and waits until somebody stops it or a service cannot be kept alive. */
export async function upCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = parseUpOptions(argv);
  if (options === undefined) {
    process.stdout.write(UP_HELP);
    return 0;
  }
  const { output, system: wanted } = options;
  if (output === 'person') process.stderr.write('starting …\n');
  const useUsualPort = wanted.httpPort === undefined && (await isPortFree(USUAL_HTTP_PORT));
  await using system = await startSystem({
    ...wanted,
    ...(useUsualPort && { httpPort: USUAL_HTTP_PORT }),
    signal,
    onEvent: (event) => tell(event, output),
  });
  if (output === 'json') process.stdout.write(`${JSON.stringify(systemFacts(system))}\n`);
  else if (output === 'person') process.stdout.write(`\n${systemTable(system)}\n`);
  const failure = await Promise.race([system.failed, untilAborted(signal)]);
  if (failure !== undefined) throw failure;
  if (output === 'person') process.stderr.write('stopping …\n');
  return 0;
}

function tell(event: SystemEvent, output: OutputMode): void {
  if (event.type === 'restart') {
    process.stderr.write(`avd: ${event.sentence}\n`);
  } else if (event.severity === 'error' || output !== 'quiet') {
    process.stderr.write(`${event.process} | ${event.text}\n`);
  }
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
