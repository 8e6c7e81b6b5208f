import { AvdError } from '@avd/domain';
import type { Command } from '../../main.js';

/** What a command printed, and its exit code. */
export interface CommandRun {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Runs a command in this process, as main does; its output is kept back. */
export async function runCommand(
  command: Command,
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<CommandRun> {
  const run: CommandRun = { stdout: '', stderr: '', exitCode: 0 };
  const restore = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      run[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      const done = rest.find((argument) => typeof argument === 'function');
      (done as (() => void) | undefined)?.();
      return true;
    };
    return () => void (stream.write = write);
  });
  try {
    run.exitCode = await command(args, signal);
  } catch (error) {
    const known = AvdError.from(error);
    run.stderr += `avd: ${known.message}\n`;
    run.exitCode = known.exitCode;
  } finally {
    for (const each of restore) each();
  }
  return run;
}
