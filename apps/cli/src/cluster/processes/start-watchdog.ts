import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Makes sure that no process stays behind, however this one ends. */
export interface Watchdog {
  readonly pid: number | undefined;
  watch(pid: number): void;
  /** The process has ended. */
  forget(pid: number): void;
  /** Ends the watchdog, which ends what is still watched. */
  close(): Promise<void>;
}

/** The same file seen from the sources and from what is built of them. */
const entry = fileURLToPath(
  new URL('../../../dist/cluster/processes/watchdog.js', import.meta.url),
);

export function startWatchdog(): Watchdog {
  const watched = new Set<number>();
  let isClosing = false;
  let child = start();

  function start(): ChildProcess {
    const started = spawn(process.execPath, [entry], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    started.on('error', () => undefined);
    // A watchdog that was killed is noticed by its exit, not by the pipe.
    started.stdin?.on('error', () => undefined);
    for (const pid of watched) started.stdin?.write(`+${pid}\n`);
    started.once('exit', () => {
      if (!isClosing) child = start();
    });
    return started;
  }

  return {
    get pid() {
      return child.pid;
    },
    watch(pid) {
      watched.add(pid);
      child.stdin?.write(`+${pid}\n`);
    },
    forget(pid) {
      watched.delete(pid);
      child.stdin?.write(`-${pid}\n`);
    },
    async close() {
      isClosing = true;
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.stdin?.end();
      await exited;
    },
  };
}
