import { execFile } from 'node:child_process';

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit code. */
export function runTool(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<ToolResult> {
  return new Promise((resolve) => {
    execFile(command, args, { ...options, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      resolve({ exitCode: typeof code === 'number' ? code : 1, stdout, stderr });
    });
  });
}

/** Runs ffmpeg to make media for a test. @throws Error with ffmpeg's words */
export async function makeMedia(args: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runTool('ffmpeg', ['-v', 'error', '-y', ...args]);
  if (exitCode !== 0)
    throw new Error(`ffmpeg ${args.join(' ')} failed (is ffmpeg installed?): ${stderr}`);
}
