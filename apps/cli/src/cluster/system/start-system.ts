import path from 'node:path';
import { AvdError } from '@avd/domain';
import { openProcessLog } from '../processes/process-log.js';
import { startWatchdog } from '../processes/start-watchdog.js';
import {
  supervise,
  type ProcessSpec,
  type SupervisedProcess,
  type SupervisorContext,
} from '../processes/supervise.js';
import { DEFAULT_TIMINGS } from '../processes/timings.js';
import { lockDataFolder, makeDataFolder, type DataFolder } from './data-folder.js';
import type { SystemSettings } from './environment.js';
import { requireNatsServer } from './nats-process.js';
import { planNats, planProcesses } from './plan-processes.js';
import { isPortFree } from './ports.js';
import { installedServices } from './services.js';
import type { RunningSystem, StartSystemOptions } from './system-types.js';

const DEFAULT_GRACE_SEC = 5;

/**
 * Starts the whole system on this machine and waits until every service can work. However this process ends, no process
 * of the system stays behind.
 * @throws AvdError; everything is stopped then
 */
export async function startSystem(options: StartSystemOptions): Promise<RunningSystem> {
  const natsBinary = options.natsUrl === undefined ? requireNatsServer() : undefined;
  const services = options.services ?? installedServices();
  await requireFree(options.port, '--port');
  await requireFree(options.httpPort, '--http-port');
  const data = await makeDataFolder(options.dataDir);
  const group = startGroup(data, options);
  try {
    await group.lock();
    const nats = natsBinary === undefined ? undefined : planNats(natsBinary, data.nats);
    if (nats !== undefined) await group.startAll([nats]);
    const natsUrl = nats === undefined ? options.natsUrl! : `nats://${nats.address()}`;
    const planned = planProcesses(services, systemSettings(options, data, natsUrl), options);
    await group.startAll(planned);
    const first = planned.find(({ httpPort }) => httpPort !== undefined);
    return {
      server: first?.address() ?? '',
      httpUrl: `http://127.0.0.1:${first?.httpPort?.chosen ?? 0}`,
      ...{ natsUrl, dataDir: data.path },
      ...{ processes: group.processes, failed: group.failed, stop: group.stop },
      [Symbol.asyncDispose]: group.stop,
    };
  } catch (error) {
    await group.stop();
    throw error;
  }
}

function systemSettings(
  options: StartSystemOptions,
  data: DataFolder,
  natsUrl: string,
): SystemSettings {
  const { blobStore, threads, slots } = options;
  return {
    ...{ data, natsUrl },
    graceSec: options.graceSec ?? DEFAULT_GRACE_SEC,
    mediaRoots: (options.mediaRoots ?? ['.']).map((folder) => path.resolve(folder)),
    env: options.env ?? {},
    ...(blobStore !== undefined && { blobStore }),
    ...(threads !== undefined && { threads }),
    ...(slots !== undefined && { slots }),
  };
}

/** Processes which live and end together. */
interface ProcessGroup {
  readonly processes: readonly SupervisedProcess[];
  readonly failed: Promise<AvdError>;
  /** Takes the data folder. @throws AvdError DATA_IN_USE */
  lock(): Promise<void>;
  /** Starts processes and waits until all of them can work. */
  startAll(specs: readonly ProcessSpec[]): Promise<void>;
  /** Ends the services together, then NATS; calls after the first wait for the same end. */
  readonly stop: () => Promise<void>;
}

function startGroup(data: DataFolder, options: StartSystemOptions): ProcessGroup {
  const watchdog = startWatchdog();
  const processes: SupervisedProcess[] = [];
  const timings = { ...DEFAULT_TIMINGS, ...options.timings };
  const graceMs = (options.graceSec ?? DEFAULT_GRACE_SEC) * 1000 + timings.leaveMs;
  let giveUp: (error: AvdError) => void = () => undefined;
  const failed = new Promise<AvdError>((resolve) => (giveUp = resolve));
  let unlock: (() => Promise<void>) | undefined;
  let stopped: Promise<void> | undefined;
  const context: SupervisorContext = {
    ...{ watchdog, timings },
    onRestart: (process, sentence) => options.onEvent?.({ type: 'restart', process, sentence }),
    onGivenUp: giveUp,
  };
  const stop = async (): Promise<void> => {
    const isNats = ({ service }: SupervisedProcess): boolean => service === 'nats';
    const services = processes.filter((each) => !isNats(each));
    await Promise.all(services.map((each) => each.stop(graceMs)));
    await Promise.all(processes.filter(isNats).map((each) => each.stop(graceMs)));
    await watchdog.close();
    await unlock?.();
  };
  return {
    ...{ processes, failed },
    async lock() {
      unlock = await lockDataFolder(data.path, watchdog.pid ?? process.pid);
    },
    async startAll(specs) {
      const started = specs.map((spec) => {
        const { name } = spec;
        const log = openProcessLog(path.join(data.logs, `${name}.log`), (severity, text) =>
          options.onEvent?.({ type: 'log', process: name, severity, text }),
        );
        return supervise(spec, log, context);
      });
      processes.push(...started);
      await untilReady(started, options.signal);
    },
    stop: () => (stopped ??= stop()),
  };
}

/** @throws AvdError when one of them is given up, or the signal aborts */
async function untilReady(
  processes: readonly SupervisedProcess[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const ready = Promise.all(processes.map((each) => each.whenReady()));
  // The loser of the race may fail later, which nobody waits for.
  ready.catch(() => undefined);
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () =>
      reject(new AvdError('cancelled', 'CANCELLED', 'Stopped before the system was ready.'));
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([ready, aborted]);
  } finally {
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
}

async function requireFree(port: number | undefined, option: string): Promise<void> {
  if (port === undefined || (await isPortFree(port))) return;
  throw new AvdError(
    'precondition',
    'PORT_TAKEN',
    `Port ${port} is taken, perhaps by another system: stop that one, or choose another port with ${option}.`,
  );
}
