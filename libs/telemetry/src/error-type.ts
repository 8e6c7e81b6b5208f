import { AvdError } from '@avd/domain';

/** The `error.type` of anything thrown: the stable reason of its AvdError, else INTERNAL. */
export function errorType(error: unknown): string {
  return AvdError.from(error).reason;
}

/**
 * The stack of an error without its message: messages can name a recording, which telemetry must not.
 *
 * @returns the `    at …` lines, or undefined where there are none
 */
export function stackFrames(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.stack === undefined) return undefined;
  const frames = error.stack.split('\n').filter((line) => /^\s+at /.test(line));
  return frames.length === 0 ? undefined : frames.join('\n');
}
