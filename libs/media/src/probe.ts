import path from 'node:path';
import { AvdError } from '@avd/domain';
import { checkMediaFile } from './check-file.js';
import { runForText } from './child-process.js';
import { fileUrl, ONLY_FILES } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import { type RawProbe, type RawStream, rotationOf } from './ffprobe-json.js';
import { nothingUsable, unreadableFile } from './media-errors.js';
import { parseRational, type Rational } from './rational.js';

/** The picture stream that is used. */
export interface ProbedVideo {
  readonly streamIndex: number;
  readonly codec: string;
  /** Size as shown: after rotation. Pixels are not squared (neither does the reference). */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn a player applies: 0, 90, 180 or 270. */
  readonly rotationDeg: number;
  readonly sampleAspectRatio: Rational;
  /** Mean rate the container states; absent when it states none. */
  readonly averageFrameRate?: Rational;
  /** Unit of this stream's time stamps in seconds. */
  readonly timeBase: Rational;
  readonly startSec?: number;
  readonly durationSec?: number;
}

/** The sound stream that is used. */
export interface ProbedAudio {
  readonly streamIndex: number;
  readonly codec: string;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  readonly timeBase: Rational;
  readonly startSec?: number;
  readonly durationSec?: number;
}

/** What the headers say; nothing is decoded. */
export interface MediaProbe {
  /** ffmpeg's names of the container, e.g. `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly formatName: string;
  readonly durationSec?: number;
  /** How many picture streams there are, cover art left out. */
  readonly pictureStreamCount: number;
  readonly video?: ProbedVideo;
  readonly audio?: ProbedAudio;
}

/** Containers that only point to other files, and texts which ffmpeg would draw as pictures. */
const REFUSED_FORMATS = /^(hls|dash|concat|concatf|sdp|rtsp|imf|tty|lavfi|bin|xbin|adf|idf)\b/;

/**
 * Reads the headers of a video or sound file and chooses one picture and one sound stream: the default ones
 * first, then the largest picture and the most channels, as ffmpeg would. Cover art is not a picture stream.
 *
 * @throws AvdError notFound, invalidInput, permissionDenied (see `checkMediaFile`); media NOT_A_MEDIA_FILE,
 *   FILE_TRUNCATED, UNSUPPORTED_CODEC, NO_AUDIO_OR_VIDEO; cancelled
 */
export async function probeMedia(
  mediaPath: string,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<MediaProbe> {
  await checkMediaFile(mediaPath);
  const args = ['-hide_banner', '-v', 'error', ...ONLY_FILES, '-show_format', '-show_streams'];
  const { exitCode, stderrTail, text } = await runForText(
    tools.ffprobePath,
    [...args, '-of', 'json', fileUrl(mediaPath)],
    signal,
  );
  if (exitCode !== 0) throw await unreadableFile(mediaPath, stderrTail);
  const raw = JSON.parse(text) as RawProbe;
  const formatName = raw.format?.format_name ?? '';
  if (REFUSED_FORMATS.test(formatName))
    throw await unreadableFile(mediaPath, `format ${formatName}`);
  const streams = raw.streams ?? [];
  const pictures = streams.filter(isPicture);
  const video = best(pictures, (s) => (s.width ?? 0) * (s.height ?? 0));
  const audio = best(streams.filter(isSound), (s) => s.channels ?? 0);
  if (video === undefined && audio === undefined) throw unusable(mediaPath, streams, stderrTail);
  const durationSec = toNumber(raw.format?.duration);
  return {
    formatName,
    pictureStreamCount: pictures.length,
    ...(durationSec === undefined ? {} : { durationSec }),
    ...(video === undefined ? {} : { video: toVideo(video) }),
    ...(audio === undefined ? {} : { audio: toAudio(audio) }),
  };
}

function isPicture(stream: RawStream): boolean {
  const { attached_pic: cover = 0, timed_thumbnails: thumbnails = 0 } = stream.disposition ?? {};
  return stream.codec_type === 'video' && cover === 0 && thumbnails === 0 && isKnown(stream);
}

function isSound(stream: RawStream): boolean {
  return stream.codec_type === 'audio' && isKnown(stream);
}

function isKnown(stream: RawStream): boolean {
  return stream.codec_name !== undefined && stream.codec_name !== 'unknown';
}

/** Default streams win, then the higher score, then the earlier stream. */
function best(
  streams: readonly RawStream[],
  score: (stream: RawStream) => number,
): RawStream | undefined {
  const rank = (s: RawStream) => (s.disposition?.['default'] === 1 ? 1e9 : 0) + score(s);
  let chosen: RawStream | undefined;
  for (const stream of streams) {
    if (chosen === undefined || rank(stream) > rank(chosen)) chosen = stream;
  }
  return chosen;
}

function unusable(mediaPath: string, streams: readonly RawStream[], stderrTail: string): AvdError {
  const isMedia = (s: RawStream) => s.codec_type === 'video' || s.codec_type === 'audio';
  if (!streams.some((s) => isMedia(s) && !isKnown(s))) return nothingUsable(mediaPath, stderrTail);
  const message = `"${path.basename(mediaPath)}" is coded in a way this ffmpeg does not know; convert it to MP4 (H.264, AAC).`;
  const details = { path: mediaPath };
  return new AvdError('media', 'UNSUPPORTED_CODEC', message, { details, cause: stderrTail });
}

function toVideo(stream: RawStream): ProbedVideo {
  const rotationDeg = rotationOf(stream);
  const isTurned = rotationDeg % 180 === 90;
  const averageFrameRate =
    parseRational(stream.avg_frame_rate) ?? parseRational(stream.r_frame_rate);
  const [width, height] = [stream.width ?? 0, stream.height ?? 0];
  return {
    streamIndex: stream.index,
    codec: stream.codec_name ?? 'unknown',
    width: isTurned ? height : width,
    height: isTurned ? width : height,
    rotationDeg,
    sampleAspectRatio: parseRational(stream.sample_aspect_ratio?.replace(':', '/')) ?? {
      num: 1,
      den: 1,
    },
    ...(averageFrameRate === undefined ? {} : { averageFrameRate }),
    ...times(stream),
  };
}

function toAudio(stream: RawStream): ProbedAudio {
  return {
    streamIndex: stream.index,
    codec: stream.codec_name ?? 'unknown',
    sampleRateHz: toNumber(stream.sample_rate) ?? 0,
    channelCount: stream.channels ?? 0,
    ...times(stream),
  };
}

function times(stream: RawStream): {
  timeBase: Rational;
  startSec?: number;
  durationSec?: number;
} {
  const startSec = toNumber(stream.start_time);
  const durationSec = toNumber(stream.duration);
  return {
    timeBase: parseRational(stream.time_base) ?? { num: 1, den: 1_000_000 },
    ...(startSec === undefined ? {} : { startSec }),
    ...(durationSec === undefined ? {} : { durationSec }),
  };
}

function toNumber(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? undefined : value;
}
