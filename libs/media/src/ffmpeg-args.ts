import path from 'node:path';
import ffmpeg from 'fluent-ffmpeg';

/** One input, one output. */
export interface FfmpegJob {
  readonly inputPath: string;
  readonly inputOptions?: readonly string[];
  /** Filter chain, comma-separated as ffmpeg takes it. */
  readonly videoFilter?: string;
  readonly audioFilter?: string;
  readonly outputOptions: readonly string[];
  /** A file, or `pipe:1`. */
  readonly output: string;
}

const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-v', 'error'] as const;

/**
 * Arguments of one ffmpeg run. fluent-ffmpeg only builds them: its own runner asks ffmpeg for its lists of
 * formats before every first run, misreads those lists of ffmpeg 7 and later, and adds two stream copies on the
 * way of the pictures. It is archived upstream, so it is used here and nowhere else.
 */
export function ffmpegArgs(job: FfmpegJob): string[] {
  const command = ffmpeg(fileUrl(job.inputPath));
  // More than one argument: fluent-ffmpeg then does not split options at blanks.
  command.inputOptions(...QUIET, ...ONLY_FILES, ...(job.inputOptions ?? []));
  if (job.videoFilter !== undefined) command.videoFilters(job.videoFilter);
  if (job.audioFilter !== undefined) command.audioFilters(job.audioFilter);
  command.outputOptions('-y', ...job.outputOptions);
  command.output(job.output === 'pipe:1' ? job.output : fileUrl(job.output));
  return (command as unknown as { _getArguments(): string[] })._getArguments();
}

/** Input option: a playlist inside a file must not make ffmpeg open network addresses. */
export const ONLY_FILES = ['-protocol_whitelist', 'file'] as const;

/** ffmpeg's own notation for a path, so that a colon or a leading dash in a file name means nothing to it. */
export function fileUrl(file: string): string {
  return `file:${path.resolve(file)}`;
}
