import { rename, rm } from 'node:fs/promises';
import { AvdError } from '@avd/domain';
import { runProcess } from './child-process.js';
import { ffmpegArgs } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import type { MediaProbe } from './probe.js';
import { tempNameFor } from './temp-name.js';

/**
 * Copies the packets of the chosen streams into a Matroska file, which can be entered at any key picture; jumps in
 * the time stamps of a transport stream are closed on the way, and times that only some packets state are filled in. Nothing is coded anew, except a sound that Matroska
 * cannot hold, which becomes PCM.
 *
 * @returns false when the streams cannot be put into Matroska
 * @throws AvdError cancelled; resourceExhausted DISK_FULL
 */
export async function remuxToMatroska(
  mediaPath: string,
  probe: MediaProbe,
  outPath: string,
  tools: FfmpegTools,
  signal: AbortSignal,
  onProgress: (doneSec: number) => void,
): Promise<boolean> {
  const tempPath = tempNameFor(outPath);
  const streams = [probe.video, probe.audio].filter((stream) => stream !== undefined);
  const maps = streams.flatMap((stream) => ['-map', `0:${stream.streamIndex}`]);
  try {
    for (const audioCodec of ['copy', 'pcm_s16le']) {
      const args = ffmpegArgs({
        inputPath: mediaPath,
        inputOptions: ['-fflags', '+genpts'],
        outputOptions: [
          ...[...maps, '-map_chapters', '-1', '-c:v', 'copy', '-c:a', audioCodec],
          ...['-fflags', '+bitexact', '-progress', 'pipe:1', '-f', 'matroska'],
        ],
        output: tempPath,
      });
      const { exitCode, stderrTail } = await runProcess(tools.ffmpegPath, args, signal, (bytes) => {
        const match = /out_time_us=(\d+)/.exec(bytes.toString('latin1'));
        if (match !== null) onProgress(Number(match[1]) / 1e6);
      });
      if (/No space left on device/.test(stderrTail)) {
        const message = `The disk is full (${outPath}); free some space and run again.`;
        throw new AvdError('resourceExhausted', 'DISK_FULL', message, { cause: stderrTail });
      }
      if (exitCode === 0) {
        await rename(tempPath, outPath);
        return true;
      }
    }
    return false;
  } finally {
    await rm(tempPath, { force: true });
  }
}
