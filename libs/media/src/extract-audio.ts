import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { AvdError, SAMPLE_RATE_HZ } from '@avd/domain';
import { cancelledError, startProcess } from './child-process.js';
import { fromOrigin, type MediaClock } from './clock.js';
import { ffmpegArgs } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import { decodeFailed } from './media-errors.js';
import { tempNameFor } from './temp-name.js';
import { WAV_HEADER_BYTES, wavHeader } from './wav-format.js';

export interface AudioSource {
  readonly path: string;
  readonly streamIndex: number;
  readonly clock: MediaClock;
}

/** Time stamps and samples may part by one frame before a gap is filled or an overlap cut. */
const MAX_DRIFT_SEC = 0.04;

/**
 * Writes the sound as a 16 kHz mono 16-bit WAV file whose sample 0 is at zero of the clock: a late start becomes
 * silence at the head, an early start is cut, gaps become silence. Channels are mixed by ffmpeg's default matrix,
 * its resampler is used without dither. The file appears under its name only when it is complete.
 *
 * @param onProgress called with the seconds of sound written so far
 * @throws AvdError media DECODE_FAILED, UNSUPPORTED_CODEC; resourceExhausted DISK_FULL; cancelled
 */
export async function extractAudio(
  source: AudioSource,
  wavPath: string,
  tools: FfmpegTools,
  signal: AbortSignal,
  onProgress: (doneSec: number) => void = () => undefined,
): Promise<void> {
  const args = ffmpegArgs({
    inputPath: source.path,
    inputOptions: ['-copyts', '-threads', '1'],
    audioFilter: [
      `asetpts=${fromOrigin(source.clock)}`,
      `aresample=async=1:first_pts=0:min_hard_comp=${MAX_DRIFT_SEC}`,
    ].join(','),
    outputOptions: [
      ...['-map', `0:${source.streamIndex}`, '-ac', '1', '-ar', String(SAMPLE_RATE_HZ)],
      ...['-c:a', 'pcm_s16le', '-f', 's16le'],
    ],
    output: 'pipe:1',
  });
  const tempPath = tempNameFor(wavPath);
  const file = await open(tempPath, 'w').catch((error: unknown) => {
    throw AvdError.from(error);
  });
  const decoder = startProcess(tools.ffmpegPath, args, signal);
  try {
    let dataBytes = 0;
    for await (const piece of decoder.stdout as AsyncIterable<Buffer>) {
      await writeAll(file, piece, WAV_HEADER_BYTES + dataBytes);
      dataBytes += piece.length;
      onProgress(dataBytes / 2 / SAMPLE_RATE_HZ);
    }
    const { exitCode, stderrTail } = await decoder.exit;
    if (signal.aborted) throw cancelledError(signal);
    // A damaged file ends with an error and yet gives the sound up to the damage.
    if (exitCode === null || (exitCode !== 0 && dataBytes === 0)) {
      throw decodeFailed(source.path, 'sounds', stderrTail);
    }
    const sampleCount = Math.floor(dataBytes / 2);
    await writeAll(file, wavHeader(sampleCount, SAMPLE_RATE_HZ), 0);
    await file.close();
    await rename(tempPath, wavPath);
  } catch (error) {
    throw signal.aborted ? cancelledError(signal) : AvdError.from(error);
  } finally {
    decoder.kill();
    await decoder.exit.catch(() => undefined);
    await file.close().catch(() => undefined);
    await rm(tempPath, { force: true });
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}
