import { AvdError } from '@avd/domain';
import { startChild, type Child, type Launch } from './child.js';
import { watchLiveness, type Probe } from './liveness.js';
import { pause } from './pause.js';
import type { ProcessLog } from './process-log.js';
import type { Watchdog } from './start-watchdog.js';
import type { Timings } from './timings.js';

/** A process that is kept alive. */
export interface ProcessSpec {
  readonly name: string;
  /** What it is a replica of. */
  readonly service: string;
  /** HOST:PORT where it listens now. */
  address(): string;
  /** What to start now; asked before every start. */
  launch(): Promise<Launch>;
  readonly probe: Probe;
  /** A life has ended before it was ready: a port may have been taken meanwhile. */
  onFailedStart?(): void;
}

export interface SupervisorContext {
  readonly watchdog: Watchdog;
  readonly timings: Timings;
  /** A process ended or hung and is started again; one sentence. */
  readonly onRestart: (name: string, sentence: string) => void;
  /** A process was given up, its last words in the message; it is not started again. */
  readonly onGivenUp: (error: AvdError) => void;
}

export interface SupervisedProcess {
  readonly name: string;
  /** What it is a replica of: `nats` or the name of a service. */
  readonly service: string;
  /** HOST:PORT where it listens. */
  readonly address: string;
  readonly logPath: string;
  /** Of its present life; undefined between two lives. */
  readonly pid: number | undefined;
  /** Whether it answered that it can work, when last asked. */
  readonly isReady: boolean;
  readonly restarts: number;
  /** Resolves when it can work. @throws AvdError when it was given up or stopped */
  whenReady(): Promise<void>;
  /**
   * Sends a signal, as a fault would: after its death it is started again. After SIGTERM it has all the time that it
   * needs, for a process that ends gracefully answers no probe. @default SIGKILL
   */
  kill(signal?: NodeJS.Signals): void;
  /** Asks it to end, kills it after the grace, and waits for its end. */
  stop(graceMs: number): Promise<void>;
}

/** Starts a process and starts it again whenever it ends or hangs, until it is stopped or dies too quickly too often. */
export function supervise(
  spec: ProcessSpec,
  log: ProcessLog,
  context: SupervisorContext,
): SupervisedProcess {
  const { name } = spec;
  const { watchdog, timings } = context;
  const stopping = new AbortController();
  const isStopping = (): boolean => stopping.signal.aborted;
  const waiters = new Set<(error?: AvdError) => void>();
  let child: Child | undefined;
  let isReady = false;
  /** Killed on request, and not as a sign of its own trouble. */
  let wasKilled = false;
  let isDoomed = false;
  /** Asked to end: it answers nobody any more, as it should. */
  let isLeaving = false;
  let restarts = 0;
  let end: AvdError | undefined;

  const tellWaiters = (error?: AvdError): void => {
    for (const tell of waiters) tell(error);
    waiters.clear();
  };
  const finish = (error: AvdError): void => {
    end = error;
    tellWaiters(error);
  };

  /** @returns how it ended, and whether it had been ready before */
  async function oneLife(): Promise<{ readonly how: string; readonly wasReady: boolean }> {
    const launch = await spec.launch();
    if (isStopping()) return { how: '', wasReady: false };
    const life = startChild(launch, log);
    child = life;
    if (life.pid !== undefined) watchdog.watch(life.pid);
    let wasReady = false;
    let hung: string | undefined;
    const ended = new AbortController();
    const listener = {
      onReady: (ready: boolean): void => {
        if (isDoomed) return;
        isReady = ready;
        wasReady ||= ready;
        if (ready) tellWaiters();
      },
      onHung: (why: string): void => {
        if (isLeaving) return;
        hung = `${why} and was killed`;
        life.killGroup();
      },
    };
    void watchLiveness(spec.probe, timings, listener, ended.signal);
    const how = await life.ended;
    ended.abort();
    if (life.pid !== undefined) watchdog.forget(life.pid);
    child = undefined;
    isReady = false;
    return { how: hung ?? `ended ${how}`, wasReady };
  }

  async function run(): Promise<void> {
    let quickDeaths = 0;
    while (!isStopping()) {
      const startedMs = performance.now();
      wasKilled = false;
      isDoomed = false;
      isLeaving = false;
      const { how, wasReady } = await oneLife();
      if (isStopping()) break;
      const livedMs = performance.now() - startedMs;
      const isQuick = !wasReady || (!wasKilled && livedMs < timings.quickDeathMs);
      quickDeaths = isQuick ? quickDeaths + 1 : 0;
      if (!wasReady) spec.onFailedStart?.();
      if (quickDeaths >= timings.maxQuickDeaths) {
        const error = givenUp(name, how, quickDeaths, log);
        finish(error);
        context.onGivenUp(error);
        return;
      }
      context.onRestart(
        name,
        `${name} ${how} after ${(livedMs / 1000).toFixed(1)} s; starting it again.`,
      );
      const delayMs = Math.min(timings.maxBackoffMs, timings.backoffMs * 2 ** quickDeaths);
      await pause(delayMs, stopping.signal);
      if (!isStopping()) restarts++;
    }
    finish(new AvdError('cancelled', 'CANCELLED', `${name} was stopped.`));
  }

  const finished = run().catch((error: unknown) => {
    const known = AvdError.from(error);
    finish(known);
    context.onGivenUp(known);
  });

  return {
    ...{ name, service: spec.service, logPath: log.path },
    get address() {
      return spec.address();
    },
    get pid() {
      return child?.pid;
    },
    get isReady() {
      return isReady;
    },
    get restarts() {
      return restarts;
    },
    whenReady: () =>
      new Promise((resolve, reject) => {
        if (end !== undefined) return reject(end);
        if (isReady) return resolve();
        waiters.add((error) => (error === undefined ? resolve() : reject(error)));
        return undefined;
      }),
    kill(signal = 'SIGKILL') {
      wasKilled = true;
      // Whoever waits for it next waits for its next life.
      if (signal === 'SIGKILL' && child !== undefined) {
        isDoomed = true;
        isReady = false;
      }
      if (signal === 'SIGTERM') isLeaving = true;
      child?.signal(signal);
    },
    async stop(graceMs) {
      stopping.abort();
      isLeaving = true;
      child?.signal('SIGTERM');
      const done = new AbortController();
      void pause(graceMs, done.signal).then(() => {
        if (!done.signal.aborted) child?.killGroup();
      });
      await finished;
      done.abort();
      await log.close();
    },
  };
}

function givenUp(name: string, how: string, deaths: number, log: ProcessLog): AvdError {
  const lines = log.lastLines.map((line) => `  ${line}`);
  const head = `${name} ${how}, ${deaths} times in a row right after its start; the end of ${log.path}:`;
  return new AvdError('unavailable', 'SERVICE_KEEPS_DYING', [head, ...lines].join('\n'), {
    details: { service: name },
  });
}
