import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { AvdError } from '@avd/domain';

export interface ProcessExit {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** The last lines it wrote to stderr, for the `cause` of an error. */
  readonly stderrTail: string;
}

/** A running ffmpeg or ffprobe. It dies with `signal`; `exit` settles once it is gone and its pipes are closed. */
export interface RunningProcess {
  readonly stdout: Readable;
  readonly exit: Promise<ProcessExit>;
  kill(): void;
}

const STDERR_TAIL_CHARS = 4096;

/**
 * @param output where its stdout goes instead of a pipe of its own (`stdout` is empty then); closed here
 * @throws AvdError cancelled when `signal` is aborted already; `exit` rejects when the program cannot be started
 */
export function startProcess(
  executable: string,
  args: readonly string[],
  signal: AbortSignal,
  output?: Socket,
): RunningProcess {
  throwIfAborted(signal);
  const child: ChildProcess = spawn(executable, args, {
    stdio: ['ignore', output ?? 'pipe', 'pipe'],
    windowsHide: true,
  });
  output?.destroy();
  const stdout = output === undefined ? child.stdout : Readable.from([]);
  const { stderr } = child;
  let stderrTail = '';
  const exit = new Promise<ProcessExit>((resolve, reject) => {
    child.once('error', (error) => reject(startError(executable, error)));
    child.once('close', (exitCode) => resolve({ exitCode, stderrTail }));
  });
  // Whoever starts a process awaits `exit` sooner or later; until then a failure is not "unhandled".
  exit.catch(() => undefined);
  // Without file descriptors left there are no pipes.
  if (!stdout || !stderr) return { stdout: Readable.from([]), exit, kill: () => undefined };
  stderr.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARS);
  });
  const kill = () => {
    child.kill('SIGKILL');
    // A paused pipe would keep 'close' from coming.
    stdout.destroy();
  };
  signal.addEventListener('abort', kill, { once: true });
  const forget = () => signal.removeEventListener('abort', kill);
  exit.then(forget, forget);
  return { stdout, exit, kill };
}

/** Runs to the end, hands each piece of stdout to `onData`. */
export async function runProcess(
  executable: string,
  args: readonly string[],
  signal: AbortSignal,
  onData: (bytes: Buffer) => void = () => undefined,
): Promise<ProcessExit> {
  const running = startProcess(executable, args, signal);
  running.stdout.on('data', onData);
  const exit = await running.exit;
  throwIfAborted(signal);
  return exit;
}

/** As `runProcess`, with all of stdout as text. */
export async function runForText(
  executable: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<ProcessExit & { readonly text: string }> {
  const pieces: Buffer[] = [];
  const exit = await runProcess(executable, args, signal, (bytes) => pieces.push(bytes));
  return { ...exit, text: Buffer.concat(pieces).toString('utf8') };
}

/** @throws AvdError cancelled (or the AvdError given as the reason of the abort) */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw cancelledError(signal);
}

export function cancelledError(signal: AbortSignal): AvdError {
  const reason: unknown = signal.reason;
  if (reason instanceof AvdError) return reason;
  return new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.', { cause: reason });
}

function startError(executable: string, error: NodeJS.ErrnoException): AvdError {
  const options = { cause: error };
  if (error.code === 'EAGAIN' || error.code === 'ENOMEM' || error.code === 'EMFILE') {
    const message = `The system has no room left to start ${executable}; run fewer jobs at once.`;
    return new AvdError('resourceExhausted', 'CANNOT_START_PROCESS', message, options);
  }
  const message = `${executable} cannot be started; check the installation of ffmpeg.`;
  return new AvdError('precondition', 'FFMPEG_MISSING', message, options);
}
