import { AvdError, FRAMES_PER_SEC, type FrameRange } from '@avd/domain';
import type { VideoFrame } from '@avd/stage-kit';
import { BlockReader } from './block-reader.js';
import { type ByteSource, openBytePipe } from './byte-pipe.js';
import { cancelledError, type RunningProcess, startProcess } from './child-process.js';
import { fromOrigin, type MediaClock, shownTicks } from './clock.js';
import { ffmpegArgs } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import { decodeFailed } from './media-errors.js';
import type { PictureTimes } from './picture-times.js';
import type { Rational } from './rational.js';

/** All that is needed to decode any part of one picture stream. */
export interface VideoSource {
  readonly path: string;
  readonly streamIndex: number;
  readonly times: PictureTimes;
  readonly clock: MediaClock;
  readonly frameCount: number;
  /** Size as shown, after rotation. */
  readonly width: number;
  readonly height: number;
  /** Set for streams without time stamps, whose pictures are counted at this rate. */
  readonly countedRate?: Rational;
  /** False where the decoder cannot be entered in the middle: every range is then decoded from the start of the file. */
  readonly isSeekable: boolean;
}

export interface FrameOptions {
  readonly signal: AbortSignal;
  /** Every step-th frame only: those whose index is a multiple of it. Default 1. */
  readonly step?: number;
  /** These frames of the range alone, ascending and few: the others are decoded, but neither converted nor copied. */
  readonly only?: readonly number[];
  /** Size of the frames (bilinear). Default: as shown. */
  readonly size?: { readonly width: number; readonly height: number };
}

/**
 * Decodes a range of frames on the grid described at `MediaClock`.
 *
 * Frame n has the same bytes whatever the range: the decoder is entered at a key picture that is presented no later
 * than the picture of the first frame, all its pictures keep the time stamps of the file, and the slot of a picture
 * depends on its own time stamp alone. (Not so where packets are damaged: what a decoder puts in the place of lost
 * blocks depends on what it decoded before and on `threads`.) Pixels go from YUV to BGR by swscale's table conversion (the one OpenCV's
 * reader uses: chroma is not interpolated), with the matrix the stream states, else BT.601.
 *
 * @throws AvdError invalidInput FRAME_RANGE; media DECODE_FAILED, UNSUPPORTED_CODEC; cancelled
 */
export async function* readFrames(
  source: VideoSource,
  range: FrameRange,
  options: FrameOptions,
  tools: FfmpegTools,
  threads: number,
): AsyncGenerator<VideoFrame, void, undefined> {
  const step = options.step ?? 1;
  checkRange(range, source.frameCount, step);
  const { width, height } = options.size ?? source;
  const indexes = options.only ?? everyStep(range, step);
  if (indexes.length === 0) return;
  const isSparse = options.only !== undefined;
  const selection = { indexes, step, isSparse, width, height };
  const seekSec = seekTarget(source, indexes[0]!);
  // The second try is for files whose index names key pictures that the decoder cannot start at.
  const entries = seekSec === undefined ? [undefined] : [seekSec, undefined];
  for (const [attempt, entrySec] of entries.entries()) {
    const args = frameArgs(source, selection, entrySec, threads);
    const isLast = attempt === entries.length - 1;
    const readCount = yield* decode(source, selection, args, options.signal, tools, isLast);
    if (readCount > 0) return;
  }
}

/** @returns the number of frames: all, or none when the decoder began too late and that is allowed */
async function* decode(
  source: VideoSource,
  selection: FrameSelection,
  args: readonly string[],
  signal: AbortSignal,
  tools: FfmpegTools,
  mustSucceed: boolean,
): AsyncGenerator<VideoFrame, number, undefined> {
  const { indexes, width, height } = selection;
  const { decoder, pixels } = await startDecoder(tools, args, signal);
  try {
    const blocks = new BlockReader(pixels, width * height * 3);
    for (const [i, frameIndex] of indexes.entries()) {
      const data = await blocks.next();
      if (signal.aborted) throw cancelledError(signal);
      if (data === undefined) {
        const { stderrTail } = await decoder.exit;
        if (i === 0 && !mustSucceed) return 0;
        throw decodeFailed(source.path, 'pictures', stderrTail);
      }
      yield { frameIndex, width, height, data };
    }
    return indexes.length;
  } finally {
    pixels.destroy();
    decoder.kill();
    await decoder.exit.catch(() => undefined);
  }
}

export async function startDecoder(
  tools: FfmpegTools,
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ decoder: RunningProcess; pixels: ByteSource }> {
  const { source, writeEnd } = await openBytePipe();
  try {
    return { decoder: startProcess(tools.ffmpegPath, args, signal, writeEnd), pixels: source };
  } catch (error) {
    source.destroy();
    writeEnd.destroy();
    throw error;
  }
}

interface FrameSelection {
  /** Ascending, at least one. */
  readonly indexes: readonly number[];
  /** Distance of the indexes, unless they are sparse. */
  readonly step: number;
  readonly isSparse: boolean;
  readonly width: number;
  readonly height: number;
}

function frameArgs(
  source: VideoSource,
  selection: FrameSelection,
  seekSec: string | undefined,
  threads: number,
): string[] {
  const { indexes, step, isSparse, width, height } = selection;
  const firstIndex = indexes[0]!;
  const endIndex = indexes.at(-1)! + 1;
  const isWanted = isSparse
    ? `(${indexes.map((index) => `eq(pts\\,${index})`).join('+')})`
    : `not(mod(pts\\,${step}))`;
  // A graph that is built anew when the picture size changes would lose its place on the grid.
  const threadOptions = ['-threads', String(threads), '-filter_threads', String(threads)];
  const inputOptions = [...threadOptions, '-copyts', '-reinit_filter', '0'];
  if (source.countedRate !== undefined) {
    inputOptions.push('-r', `${source.countedRate.num}/${source.countedRate.den}`);
  }
  if (seekSec !== undefined) {
    inputOptions.push('-noaccurate_seek', '-seek_timestamp', '1', '-ss', seekSec);
  }
  const fps = `fps=${FRAMES_PER_SEC}:round=near:eof_action=pass`;
  const filters = [
    `setpts=${fromOrigin(source.clock)}`,
    // Only at the start of the file may the first picture stand for the slots before it.
    seekSec === undefined ? `${fps}:start_time=0` : fps,
    'tpad=stop=-1:stop_mode=clone',
    `trim=end_pts=${endIndex}`,
    // Nothing comes out when the first decoded picture is later than the first frame: the caller then starts earlier.
    `select=gte(pts\\,${firstIndex})*lte(start_pts\\,${firstIndex})*${isWanted}`,
    // Counted from 0 in steps of one, so that no version of ffmpeg sees a gap to fill or a frame to drop.
    'setpts=N',
    `scale=${width}:${height}:flags=bilinear+bitexact`,
    'format=bgr24',
  ];
  return ffmpegArgs({
    inputPath: source.path,
    inputOptions,
    videoFilter: filters.join(','),
    outputOptions: [
      ...['-map', `0:${source.streamIndex}`, '-frames:v', String(indexes.length)],
      ...['-r', String(FRAMES_PER_SEC), '-c:v', 'rawvideo', '-f', 'rawvideo'],
    ],
    output: 'pipe:1',
  });
}

function everyStep({ startFrame, endFrame }: FrameRange, step: number): number[] {
  const firstIndex = Math.ceil(startFrame / step) * step;
  const count = Math.max(0, Math.ceil((endFrame - firstIndex) / step));
  return Array.from({ length: count }, (_, i) => firstIndex + i * step);
}

/** ffmpeg's H.264 decoder loses the pictures it holds back when it is entered this close to the end (open GOP). */
const END_MARGIN_PICTURES = 33;

/**
 * Where to enter the file, in seconds of its own time stamps; undefined: at its start. Demuxers look up key pictures
 * by decoding or by presentation time; going back by the longest reordering makes both land on a key picture
 * presented at or before the wanted picture.
 */
function seekTarget(source: VideoSource, frameIndex: number): string | undefined {
  const { times, clock } = source;
  if (!source.isSeekable) return undefined;
  const latestEntry = times.ptsTicks[Math.max(0, times.ptsTicks.length - END_MARGIN_PICTURES)]!;
  const ticks = Math.min(shownTicks(clock, times, frameIndex), latestEntry) - times.reorderTicks;
  const targetSec = (ticks * times.timeBase.num) / times.timeBase.den - 1e-6;
  const firstSec = (times.ptsTicks[0]! * times.timeBase.num) / times.timeBase.den;
  return targetSec <= firstSec || targetSec <= 0 ? undefined : targetSec.toFixed(6);
}

function checkRange(range: FrameRange, frameCount: number, step: number): void {
  const { startFrame, endFrame } = range;
  const isRange =
    Number.isInteger(startFrame) &&
    Number.isInteger(endFrame) &&
    startFrame >= 0 &&
    startFrame <= endFrame &&
    endFrame <= frameCount;
  if (isRange && Number.isInteger(step) && step >= 1) return;
  const message = `Frames ${startFrame} to ${endFrame} in steps of ${step} were asked for, but the video has ${frameCount} frames.`;
  throw new AvdError('invalidInput', 'FRAME_RANGE', message);
}
