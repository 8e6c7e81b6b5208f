import { rename, rm } from 'node:fs/promises';
import { AvdError } from '@avd/domain';
import { BlockReader } from './block-reader.js';
import { checkMediaFile } from './check-file.js';
import { cancelledError } from './child-process.js';
import { fromOrigin, type MediaClock } from './clock.js';
import { ffmpegArgs } from './ffmpeg-args.js';
import { findFfmpeg, type FfmpegTools } from './ffmpeg-tools.js';
import { decodeFailed } from './media-errors.js';
import { decodedPathOf, factsOf } from './media-facts.js';
import { chooseClock, soundClock } from './open-media.js';
import { tempNameFor } from './temp-name.js';
import { startDecoder, type VideoSource } from './video-frames.js';
import { workFilesFor } from './work-files.js';
import {
  type EncoderInput,
  encoderArgs,
  h264Encoder,
  startEncoder,
  type VideoEncoder,
} from './write-video-encoder.js';
import {
  colourMatrix,
  outputSize,
  readColourTags,
  shownAspectRatio,
  sizeFilters,
} from './write-video-format.js';
import { outputRate } from './write-video-rate.js';

/** A picture as the encoder takes it: planes Y, U, V of 8 bits in video range, U and V at half the size. */
export interface YuvPicture {
  /** Even. */
  readonly width: number;
  /** Even. */
  readonly height: number;
  /** width * height * 3 / 2 bytes. */
  readonly data: Uint8Array;
}

/** What a draughtsman has to know before the first picture. */
export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  readonly matrix: 'bt601' | 'bt709';
  /** Pixels of these pictures to a pixel of the source. */
  readonly scale: number;
}

/** Draws into the picture shown at this time of the media's clock. */
export type DrawPicture = (picture: YuvPicture, timeSec: number) => void;

export interface WriteVideoOptions {
  /** As for `openMedia`: what is known of the file is taken from there. */
  readonly workDir: string;
  readonly cacheKey?: string;
  readonly signal: AbortSignal;
  /** Threads of the decoder. @default 2 */
  readonly threads?: number;
  /** Width of the video; its height follows. @default that of the source */
  readonly width?: number;
  /** Called once, before the first picture. */
  readonly createDraw: (format: PictureFormat) => DrawPicture;
  readonly onProgress?: (doneSec: number) => void;
}

const DEFAULT_THREADS = 2;

/**
 * Copies a video into an MP4 for browsers (H.264, AAC, index in front) and draws into every picture on the way: one
 * pass, decode, draw in place, encode. Time runs on the clock of `openMedia`; rotation is applied, the frame rate is kept
 * (see `outputRate`). The file appears under its name only when it is complete.
 *
 * Pictures stay yuv420p all the way: half the bytes of BGR through the pipes, and no change of colours there and back.
 *
 * @throws AvdError invalidInput NO_PICTURES; precondition FFMPEG_MISSING, FFMPEG_WITHOUT_H264; media DECODE_FAILED,
 *   ENCODE_FAILED; resourceExhausted DISK_FULL; cancelled
 */
export async function writeVideo(
  mediaPath: string,
  outPath: string,
  options: WriteVideoOptions,
): Promise<void> {
  const { signal } = options;
  await checkMediaFile(mediaPath);
  const tools = await findFfmpeg();
  const files = await workFilesFor(mediaPath, options.workDir, options.cacheKey);
  const facts = await factsOf(mediaPath, files, tools, signal, () => undefined);
  const { pictures, probe } = facts.located;
  if (pictures === undefined || probe.video === undefined || facts.pictureSize === undefined) {
    throw new AvdError('invalidInput', 'NO_PICTURES', 'This file has sound but no pictures.');
  }
  const decodedPath = decodedPathOf(facts.located, mediaPath, files);
  const clock = chooseClock(mediaPath, facts);
  const colours = await readColourTags(decodedPath, probe.video.streamIndex, tools, signal);
  const size = outputSize(facts.pictureSize, options.width);
  const rate = outputRate(pictures.times, probe.video.averageFrameRate);
  const format: PictureFormat = {
    ...size,
    matrix: colourMatrix(colours, facts.pictureSize.height),
    scale: options.width === undefined ? 1 : size.width / facts.pictureSize.width,
  };
  const hasSound = probe.audio !== undefined && facts.soundStartSec !== undefined;
  const input: EncoderInput = {
    ...size,
    rate,
    sampleAspectRatio: shownAspectRatio(probe.video),
    colours,
    ...(hasSound && {
      sound: { ...probe.audio, path: decodedPath, clock: soundClock(facts.located, clock) },
    }),
  };
  const filters = sizeFilters(facts.pictureSize, size, options.width !== undefined);
  const source = {
    path: decodedPath,
    streamIndex: probe.video.streamIndex,
    clock,
    ...(pictures.counted && { countedRate: pictures.counted.rate }),
  };
  const args = decoderArgs(source, rate, filters, options.threads ?? DEFAULT_THREADS);
  const partPath = tempNameFor(outPath);
  try {
    const name = await h264Encoder(tools, signal);
    const encoder = startEncoder(tools.ffmpegPath, encoderArgs(input, name, partPath), signal);
    await pump(tools, args, format, rate.num / rate.den, encoder, mediaPath, options);
    await rename(partPath, outPath);
  } catch (error) {
    throw signal.aborted ? cancelledError(signal) : AvdError.from(error);
  } finally {
    await rm(partPath, { force: true });
  }
}

async function pump(
  tools: FfmpegTools,
  args: readonly string[],
  format: PictureFormat,
  rateHz: number,
  encoder: VideoEncoder,
  mediaPath: string,
  { signal, createDraw, onProgress }: WriteVideoOptions,
): Promise<void> {
  const { decoder, pixels } = await startDecoder(tools, args, signal);
  const { width, height } = format;
  try {
    const draw = createDraw(format);
    const blocks = new BlockReader(pixels, (width * height * 3) / 2);
    let count = 0;
    for (let data = await blocks.next(); data !== undefined; data = await blocks.next()) {
      if (signal.aborted) throw cancelledError(signal);
      const timeSec = count++ / rateHz;
      draw({ width, height, data }, timeSec);
      // The encoder has it before the decoder may fill the memory again.
      await encoder.write(data);
      onProgress?.(timeSec);
    }
    const { stderrTail } = await decoder.exit;
    if (signal.aborted) throw cancelledError(signal);
    if (count === 0) throw decodeFailed(mediaPath, 'pictures', stderrTail);
    await encoder.finish();
  } finally {
    pixels.destroy();
    decoder.kill();
    encoder.kill();
    await decoder.exit.catch(() => undefined);
  }
}

type DecodedStream = Pick<VideoSource, 'path' | 'streamIndex' | 'countedRate'> & {
  readonly clock: MediaClock;
};

/** All pictures of a stream from zero of the clock on, at a constant rate. */
function decoderArgs(
  source: DecodedStream,
  rate: EncoderInput['rate'],
  filters: readonly string[],
  threads: number,
): string[] {
  const inputOptions = ['-threads', String(threads), '-copyts', '-reinit_filter', '0'];
  if (source.countedRate !== undefined) {
    inputOptions.push('-r', `${source.countedRate.num}/${source.countedRate.den}`);
  }
  return ffmpegArgs({
    inputPath: source.path,
    inputOptions,
    videoFilter: [
      `setpts=${fromOrigin(source.clock)}`,
      `fps=${rate.num}/${rate.den}:round=near:eof_action=pass:start_time=0`,
      ...filters,
      'setpts=N',
    ].join(','),
    outputOptions: [
      ...['-map', `0:${source.streamIndex}`, '-r', `${rate.num}/${rate.den}`],
      ...['-c:v', 'rawvideo', '-f', 'rawvideo'],
    ],
    output: 'pipe:1',
  });
}
