import { runProcess } from './child-process.js';
import { fileUrl, ONLY_FILES } from './ffmpeg-args.js';
import type { FfmpegTools } from './ffmpeg-tools.js';
import { unreadableFile } from './media-errors.js';
import type { Rational } from './rational.js';

/** When the pictures of one stream are shown. Read from the packets; nothing is decoded. */
export interface PictureTimes {
  readonly timeBase: Rational;
  /** Presentation times in ticks, ascending; 8 bytes a picture (an hour at 60/s: 1.7 MB). Never empty. */
  readonly ptsTicks: Float64Array;
  /** When the last picture ends. */
  readonly endTicks: number;
  /** The longest time a key picture is presented after it was decoded, in ticks. */
  readonly reorderTicks: number;
}

export interface PacketScan {
  /** Packets that carry a picture to show. */
  readonly packetCount: number;
  /** How many of them state when it is shown. All: `times` is there. */
  readonly timedCount: number;
  readonly times?: PictureTimes;
  /** The first time stamp of any kind, in ticks of the stream; 0 when there is none. */
  readonly firstTicks: number;
  /** Packets up to and with the second one marked as a key picture; undefined when there is no second one. */
  readonly packetsToSecondKey?: number;
}

/**
 * Lists the time stamps of a picture stream. Reads the whole file once.
 *
 * @param nominalRate gives the length of the last picture where the container does not
 * @throws AvdError media NOT_A_MEDIA_FILE; cancelled
 */
export async function scanPictures(
  mediaPath: string,
  stream: { readonly streamIndex: number; readonly timeBase: Rational },
  nominalRate: Rational,
  tools: FfmpegTools,
  signal: AbortSignal,
): Promise<PacketScan> {
  const scanner = new PacketScanner();
  const { exitCode, stderrTail } = await runProcess(
    tools.ffprobePath,
    [
      ...['-hide_banner', '-v', 'error', ...ONLY_FILES],
      ...['-select_streams', String(stream.streamIndex)],
      ...['-show_entries', 'packet=pts,dts,duration,flags', '-of', 'compact=p=0'],
      fileUrl(mediaPath),
    ],
    signal,
    (bytes) => scanner.push(bytes.toString('latin1')),
  );
  if (exitCode !== 0 && scanner.packetCount === 0)
    throw await unreadableFile(mediaPath, stderrTail);
  return scanner.toScan(stream.timeBase, nominalRate);
}

/** The times of `packetCount` pictures at a constant rate: for streams that state no times. */
export function constantTimes(packetCount: number, rate: Rational): PictureTimes {
  const ptsTicks = Float64Array.from({ length: packetCount }, (_, i) => i);
  const timeBase = { num: rate.den, den: rate.num };
  return { timeBase, ptsTicks, endTicks: packetCount, reorderTicks: 0 };
}

/** Constant: all distances between pictures agree within 2 ms or 2 ticks (rounded time stamps). */
export function frameRateKind(times: PictureTimes): 'constant' | 'variable' {
  const { ptsTicks, timeBase } = times;
  const toleranceTicks = Math.max(2, (0.002 * timeBase.den) / timeBase.num);
  let shortest = Infinity;
  let longest = 0;
  for (let i = 1; i < ptsTicks.length; i++) {
    const distance = ptsTicks[i]! - ptsTicks[i - 1]!;
    if (distance < shortest) shortest = distance;
    if (distance > longest) longest = distance;
  }
  return longest - shortest > toleranceTicks ? 'variable' : 'constant';
}

const PACKET_LINE = /^pts=(-?\d+|N\/A)\|dts=(-?\d+|N\/A)\|duration=(\d+|N\/A)\|flags=(\S+)/;

class PacketScanner {
  packetCount = 0;
  #allPacketCount = 0;
  #timedCount = 0;
  #pts = new Float64Array(4096);
  #lastPts = -Infinity;
  #lastDuration = 0;
  #reorder = 0;
  #firstTicks: number | undefined;
  #keyCount = 0;
  #packetsToSecondKey: number | undefined;
  #rest = '';

  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const match = PACKET_LINE.exec(line);
      if (match !== null) this.#add(match[1]!, match[2]!, match[3]!, match[4]!);
    }
  }

  #add(ptsText: string, dtsText: string, durationText: string, flags: string): void {
    this.#allPacketCount++;
    const isKey = flags.includes('K');
    if (isKey && ++this.#keyCount === 2) this.#packetsToSecondKey = this.#allPacketCount;
    // Packets marked D are decoded but cut off by an edit list.
    if (flags.includes('D')) return;
    this.packetCount++;
    const [pts, dts] = [Number(ptsText), Number(dtsText)];
    if (!Number.isNaN(pts)) {
      this.#keep(pts);
      if (pts >= this.#lastPts) {
        this.#lastPts = pts;
        this.#lastDuration = Number(durationText) || 0;
      }
      if (isKey && pts - dts > this.#reorder) this.#reorder = pts - dts;
    }
    const stated = Number.isNaN(pts) ? dts : pts;
    if (this.#firstTicks === undefined && !Number.isNaN(stated)) this.#firstTicks = stated;
  }

  #keep(pts: number): void {
    if (this.#timedCount === this.#pts.length) {
      const larger = new Float64Array(this.#pts.length * 2);
      larger.set(this.#pts);
      this.#pts = larger;
    }
    this.#pts[this.#timedCount++] = pts;
  }

  toScan(timeBase: Rational, nominalRate: Rational): PacketScan {
    const isTimed = this.#timedCount === this.packetCount && this.packetCount > 0;
    return {
      packetCount: this.packetCount,
      timedCount: this.#timedCount,
      firstTicks: this.#firstTicks ?? 0,
      ...(isTimed && { times: this.#toTimes(timeBase, nominalRate) }),
      ...(this.#packetsToSecondKey !== undefined && {
        packetsToSecondKey: this.#packetsToSecondKey,
      }),
    };
  }

  #toTimes(timeBase: Rational, nominalRate: Rational): PictureTimes {
    const ptsTicks = this.#pts.slice(0, this.#timedCount).sort();
    const nominalTicks = (nominalRate.den * timeBase.den) / (nominalRate.num * timeBase.num);
    const lengthTicks = this.#lastDuration || Math.max(1, Math.round(nominalTicks));
    const endTicks = this.#lastPts + lengthTicks;
    return { timeBase, ptsTicks, endTicks, reorderTicks: this.#reorder };
  }
}
