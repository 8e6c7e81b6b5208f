import { runForText } from './child-process.js';
import { fileUrl, ONLY_FILES } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import type { ProbedVideo } from './probe.js';
import type { Rational } from './rational.js';

/** What a stream says of its colours, in ffmpeg's words; absent parts are not stated. */
export interface ColourTags {
  readonly space?: string;
  readonly primaries?: string;
  readonly transfer?: string;
}

interface RawColours {
  readonly streams?: readonly {
    readonly color_space?: string;
    readonly color_primaries?: string;
    readonly color_transfer?: string;
  }[];
}

export async function readColourTags(
  mediaPath: string,
  streamIndex: number,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<ColourTags> {
  const entries = 'stream=color_space,color_primaries,color_transfer';
  const { text } = await runForText(
    tools.ffprobePath,
    [
      ...['-v', 'error', ...ONLY_FILES, '-select_streams', String(streamIndex)],
      ...['-show_entries', entries, '-of', 'json', fileUrl(mediaPath)],
    ],
    signal,
  );
  const raw = (JSON.parse(text) as RawColours).streams?.[0];
  const stated = (value: string | undefined): string | undefined =>
    value === undefined || /^(unknown|reserved|gbr)$/.test(value) ? undefined : value;
  const space = stated(raw?.color_space);
  const primaries = stated(raw?.color_primaries);
  const transfer = stated(raw?.color_transfer);
  return {
    ...(space !== undefined && { space }),
    ...(primaries !== undefined && { primaries }),
    ...(transfer !== undefined && { transfer }),
  };
}

/** Matrix between RGB and YCbCr; where nothing is stated players go by the size, and so does this. */
export function colourMatrix({ space }: ColourTags, height: number): 'bt601' | 'bt709' {
  if (space === undefined) return height >= 720 ? 'bt709' : 'bt601';
  return /^(smpte170m|bt470bg)$/.test(space) ? 'bt601' : 'bt709';
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * Size to write: as shown, or scaled to a width. H.264 as browsers play it needs even sizes, so an odd picture gets
 * one more column or row, a copy of the last.
 */
export function outputSize(shown: PictureSize, width: number | undefined): PictureSize {
  if (width === undefined) return { width: even(shown.width), height: even(shown.height) };
  return {
    width: even(width),
    height: even(Math.max(1, (shown.height * even(width)) / shown.width)),
  };
}

function even(sizePx: number): number {
  return 2 * Math.ceil(Math.round(sizePx) / 2);
}

/** Filters that bring the decoded pictures to that size, in 8-bit yuv420p of video range. */
export function sizeFilters(shown: PictureSize, out: PictureSize, isScaled: boolean): string[] {
  const scaled = isScaled ? out : shown;
  const right = out.width - scaled.width;
  const bottom = out.height - scaled.height;
  return [
    `scale=${scaled.width}:${scaled.height}:flags=bilinear:out_range=tv`,
    'format=yuv420p',
    ...(right + bottom === 0
      ? []
      : [
          `pad=${out.width}:${out.height}`,
          `fillborders=right=${right}:bottom=${bottom}:mode=smear`,
        ]),
  ];
}

/** Shape of a pixel as shown: a turned picture has its pixels turned as well. */
export function shownAspectRatio({ sampleAspectRatio, rotationDeg }: ProbedVideo): Rational {
  const { num, den } = sampleAspectRatio;
  return rotationDeg % 180 === 90 ? { num: den, den: num } : { num, den };
}
