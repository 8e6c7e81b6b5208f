import { spawn } from 'node:child_process';
import { pause } from './pause.js';
import type { ProcessLog } from './process-log.js';

/** A program to start. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A started program; it leads a process group (and session) of its own. */
export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** How it ended, e.g. `by SIGKILL` or `with code 4`; its output has been read to the end. */
  readonly ended: Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Kills it and everything that it started. */
  killGroup(): void;
}

/** Programs that a dead process started may hold its output open; they are killed, and waited for this long. */
const OUTPUT_WAIT_MS = 1000;

/** Starts a program outside of the terminal's process group: Ctrl-C goes to its supervisor only, who knows the order. */
export function startChild({ command, args, env }: Launch, log: ProcessLog): Child {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  log.follow(child.stdout, false);
  log.follow(child.stderr, true);
  const killGroup = (): void => {
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // Nobody of the group is left.
    }
  };
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`before its start (${error.message})`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `with code ${code}` : `by ${signal}`),
    );
  });
  const end = async (): Promise<string> => {
    const how = await ended;
    if (pid !== undefined) {
      killGroup();
      const waited = new AbortController();
      await Promise.race([closed, pause(OUTPUT_WAIT_MS, waited.signal)]);
      waited.abort();
    }
    return how;
  };
  return {
    pid,
    ended: end(),
    signal: (signal) => void child.kill(signal),
    killGroup,
  };
}
