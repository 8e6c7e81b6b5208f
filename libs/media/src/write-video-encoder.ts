import { spawn } from 'node:child_process';
import { AvdError } from '@avd/domain';
import { cancelledError, runForText, throwIfAborted } from './child-process.js';
import { fromOrigin, type MediaClock } from './clock.js';
import { fileUrl, ONLY_FILES } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import type { Rational } from './rational.js';
import type { ColourTags } from './write-video-format.js';

export interface EncoderInput {
  readonly width: number;
  readonly height: number;
  readonly rate: Rational;
  readonly sampleAspectRatio: Rational;
  readonly colours: ColourTags;
  /** Absent for a silent video. */
  readonly sound?: {
    readonly path: string;
    readonly streamIndex: number;
    readonly clock: MediaClock;
    readonly channelCount: number;
  };
}

/** A running encoder that is fed one picture after the other. */
export interface VideoEncoder {
  /** Resolves when the picture has been handed over and its memory may be used again. */
  write(picture: Uint8Array): Promise<void>;
  /** Waits for the finished file. @throws AvdError media ENCODE_FAILED; resourceExhausted DISK_FULL; cancelled */
  finish(): Promise<void>;
  kill(): void;
}

/** Fixed, so that the bytes of the file do not depend on the machine: x264 decides by the number of its threads. */
const ENCODER_THREADS = '4';
/**
 * x264's quickest preset with the tools that cost little and save much: by measure (720p speech) three quarters of the
 * time of `superfast` and files a quarter larger, at the same likeness to the source (SSIM 0.994).
 */
const X264 = [
  ...['-preset', 'ultrafast', '-crf', '23'],
  ...['-x264-params', 'cabac=1:no-deblock=0:deblock=0,0:aq-mode=1:bframes=2:b-adapt=0'],
];
/** Rough need of encoders without a constant quality mode. */
const BITS_PER_PIXEL = 0.1;
const STDERR_TAIL_CHARS = 4096;

/** Arguments that read raw yuv420p pictures from stdin and write an MP4 for browsers: H.264, AAC, index in front. */
export function encoderArgs(input: EncoderInput, encoder: string, outPath: string): string[] {
  const { width, height, rate, sampleAspectRatio: sar, colours, sound } = input;
  const bitsPerSec = Math.round((width * height * rate.num * BITS_PER_PIXEL) / rate.den);
  const quality = encoder === 'libx264' ? X264 : ['-b:v', String(bitsPerSec)];
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-v', 'error', '-copyts'],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${width}x${height}`],
    ...['-framerate', `${rate.num}/${rate.den}`, '-i', 'pipe:0'],
    ...(sound === undefined ? [] : [...ONLY_FILES, '-threads', '1', '-i', fileUrl(sound.path)]),
    ...['-y', '-map', '0:v', '-vf', `setsar=${sar.num}/${sar.den}`],
    ...['-c:v', encoder, ...quality, '-threads', ENCODER_THREADS, '-pix_fmt', 'yuv420p'],
    ...['-color_range', 'tv', ...colourArgs(colours)],
    ...(sound === undefined ? [] : soundArgs(sound)),
    ...['-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact'],
    ...['-movflags', '+faststart', '-f', 'mp4', fileUrl(outPath)],
  ];
}

function colourArgs({ space, primaries, transfer }: ColourTags): string[] {
  return [
    ...(space === undefined ? [] : ['-colorspace', space]),
    ...(primaries === undefined ? [] : ['-color_primaries', primaries]),
    ...(transfer === undefined ? [] : ['-color_trc', transfer]),
  ];
}

function soundArgs(sound: NonNullable<EncoderInput['sound']>): string[] {
  const { streamIndex, clock, channelCount } = sound;
  return [
    ...[
      '-map',
      `1:${streamIndex}`,
      '-c:a',
      'aac',
      '-aac_coder',
      'fast',
      '-b:a',
      channelCount === 1 ? '96k' : '160k',
    ],
    // Players in browsers know mono and stereo for sure.
    ...(channelCount > 2 ? ['-ac', '2'] : []),
    ...['-af', `asetpts=${fromOrigin(clock)},aresample=async=1:first_pts=0:min_hard_comp=0.04`],
  ];
}

const ENCODERS = ['libx264', 'libopenh264', 'h264_videotoolbox', 'h264_mf'];

/** The best encoder of H.264 this ffmpeg has. @throws AvdError precondition FFMPEG_WITHOUT_H264 */
export async function h264Encoder(tools: FfmpegTools, signal: AbortSignal): Promise<string> {
  const { text } = await runForText(tools.ffmpegPath, ['-hide_banner', '-encoders'], signal);
  const found = ENCODERS.find((name) => new RegExp(`^ V\\S* ${name} `, 'm').test(text));
  if (found !== undefined) return found;
  throw new AvdError(
    'precondition',
    'FFMPEG_WITHOUT_H264',
    'This ffmpeg cannot write H.264 video; install one that is built with libx264.',
  );
}

/** @throws AvdError cancelled when `signal` is aborted already */
export function startEncoder(
  executable: string,
  args: readonly string[],
  signal: AbortSignal,
): VideoEncoder {
  throwIfAborted(signal);
  const child = spawn(executable, args, { stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true });
  const { stdin, stderr } = child;
  let stderrTail = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    stderrTail = (stderrTail + text).slice(-STDERR_TAIL_CHARS);
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  exit.catch(() => undefined);
  // A pipe closed by the encoder is reported by its exit, which knows why.
  stdin.on('error', () => undefined);
  const kill = (): void => {
    child.kill('SIGKILL');
    stdin.destroy();
  };
  signal.addEventListener('abort', kill, { once: true });
  const forget = (): void => signal.removeEventListener('abort', kill);
  exit.then(forget, forget);

  const throwFailure = async (): Promise<never> => {
    await exit;
    if (signal.aborted) throw cancelledError(signal);
    throw encodeFailed(stderrTail);
  };
  return {
    async write(picture) {
      const error = await new Promise<unknown>((resolve) => stdin.write(picture, resolve));
      if (error) await throwFailure();
    },
    async finish() {
      stdin.end();
      if ((await exit) !== 0) await throwFailure();
    },
    kill,
  };
}

function encodeFailed(stderrTail: string): AvdError {
  const options = { cause: stderrTail };
  if (/No space left on device|Disk quota exceeded/i.test(stderrTail)) {
    const message = 'The disk is full, so the video could not be written; free some space.';
    return new AvdError('resourceExhausted', 'DISK_FULL', message, options);
  }
  return new AvdError('media', 'ENCODE_FAILED', 'ffmpeg could not write the video.', options);
}
