import type { FfmpegTools } from './ffmpeg-tools.js';
import { hasTwoKeyPictures } from './first-decoded.js';
import {
  constantTimes,
  type PacketScan,
  type PictureTimes,
  scanPictures,
} from './picture-times.js';
import { type MediaProbe, probeMedia, type ProbedVideo } from './probe.js';
import type { Rational } from './rational.js';
import { remuxToMatroska } from './remux.js';
import { isThere } from './work-files.js';

/** The file that is decoded: the media file itself, or a copy of its packets in another container. */
export interface LocatedStreams {
  readonly isCopy: boolean;
  readonly probe: MediaProbe;
  /** Absent when there are no pictures. */
  readonly pictures?: LocatedPictures;
}

export interface LocatedPictures {
  readonly times: PictureTimes;
  readonly isSeekable: boolean;
  /** Set when the file states no times: pictures are counted from `startSec` on the time stamps of the file. */
  readonly counted?: { readonly rate: Rational; readonly startSec: number };
}

/** Containers whose index leads to every key picture and whose time stamps are exact wherever one enters. */
const ENTERABLE = /^(mov,mp4|matroska,webm)/;
/**
 * Codecs where missing times can be filled in: each packet is one picture and tells whether it is reordered. Not so
 * MPEG-4 in AVI, where one packet may hold two pictures.
 */
const FILLABLE = /^mpeg[12]video$/;
const DEFAULT_RATE: Rational = { num: 25, den: 1 };

/**
 * Finds a file from which pictures can be decoded from any position. Other containers than MP4 and Matroska, and
 * files with several picture streams, are first copied into Matroska (packets only, no coding). Streams whose packets
 * do not state when they are shown (raw H.264; B-frames in AVI) cannot be copied: they are counted at their
 * nominal rate and always read from the start.
 */
export async function locateStreams(
  mediaPath: string,
  probe: MediaProbe,
  matroskaPath: string,
  tools: FfmpegTools,
  signal: AbortSignal,
  onRemuxProgress: (doneSec: number) => void,
): Promise<LocatedStreams> {
  const original = { isCopy: false, probe };
  const { video } = probe;
  if (video === undefined) return original;
  const rate = video.averageFrameRate ?? DEFAULT_RATE;
  const scan = await scanPictures(mediaPath, video, rate, tools, signal);
  if (scan.packetCount === 0) return original;
  const isEnterable = ENTERABLE.test(probe.formatName) && probe.pictureStreamCount === 1;
  if (scan.times !== undefined && isEnterable) {
    return {
      ...original,
      pictures: await judge(mediaPath, video, scan, scan.times, tools, signal),
    };
  }
  if (scan.times !== undefined || (scan.timedCount > 0 && FILLABLE.test(video.codec))) {
    const isCopied =
      (await isThere(matroskaPath)) ||
      (await remuxToMatroska(mediaPath, probe, matroskaPath, tools, signal, onRemuxProgress));
    if (isCopied) {
      const copy = await probeMedia(matroskaPath, tools, signal);
      const stream = copy.video ?? video;
      const copyScan = await scanPictures(matroskaPath, stream, rate, tools, signal);
      if (copyScan.times !== undefined) {
        const pictures = await judge(matroskaPath, stream, copyScan, copyScan.times, tools, signal);
        return { isCopy: true, probe: copy, pictures };
      }
    }
    if (scan.times !== undefined) {
      return { ...original, pictures: { times: scan.times, isSeekable: false } };
    }
  }
  const times = constantTimes(scan.packetCount, rate);
  const startSec = (scan.firstTicks * video.timeBase.num) / video.timeBase.den;
  return { ...original, pictures: { times, isSeekable: false, counted: { rate, startSec } } };
}

async function judge(
  mediaPath: string,
  stream: ProbedVideo,
  scan: PacketScan,
  times: PictureTimes,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<LocatedPictures> {
  const { packetsToSecondKey: packetCount } = scan;
  const isSeekable =
    packetCount === undefined ||
    !MAY_REFRESH.test(stream.codec) ||
    (await hasTwoKeyPictures(mediaPath, stream.streamIndex, packetCount, tools, signal));
  return { times, isSeekable };
}

/** Codecs which can spread the refresh over many pictures, so that a "key packet" is no key picture. */
const MAY_REFRESH = /^(h264|hevc)$/;
