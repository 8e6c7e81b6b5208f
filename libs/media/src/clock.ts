import { FRAMES_PER_SEC } from '@avd/domain';
import type { PictureTimes } from './picture-times.js';
import type { Rational } from './rational.js';

/**
 * The one clock of a file. Its zero is the presentation start: the first picture or the first sound, whichever
 * comes first; but a sound that leads the picture by `MAX_CODEC_LEAD_SEC` or less is encoder delay, and then the
 * first picture is zero and the lead is cut off.
 *
 * The grid: a picture presented at t seconds after zero belongs to slot round(25 t), halves up; frame n is the
 * last picture (in order of presentation) whose slot is n or earlier; slots before the first picture show the
 * first picture. So frame n is what a player shows at n/25 s, give or take half a grid step. A video at exactly
 * 25/s maps one to one, also with time stamps that are off by less than half a step. This is ffmpeg's
 * `fps=25:round=near`. The reference goes through an intermediate AVI that repeats 1 to 4 frames near the start
 * and delays the sound; neither is reproduced here.
 */
export interface MediaClock {
  /** Zero of the clock, in ticks of `timeBase`. */
  readonly originTicks: number;
  readonly timeBase: Rational;
}

/** Encoders put up to about 0.1 s before the first picture: AAC 1024 to 2048 samples, MP3 in AVI 27 to 71 ms. */
const MAX_CODEC_LEAD_SEC = 0.1;

/** @param soundStartSec when the first sample is presented; undefined without sound */
export function clockOfVideo(times: PictureTimes, soundStartSec: number | undefined): MediaClock {
  const { timeBase } = times;
  const pictureTicks = times.ptsTicks[0]!;
  if (soundStartSec === undefined) return { originTicks: pictureTicks, timeBase };
  const soundTicks = Math.round((soundStartSec * timeBase.den) / timeBase.num);
  const leadSec = ((pictureTicks - soundTicks) * timeBase.num) / timeBase.den;
  return { originTicks: leadSec > MAX_CODEC_LEAD_SEC ? soundTicks : pictureTicks, timeBase };
}

/** The clock of a file without pictures: zero is the first sample. */
export function clockOfSound(soundStartSec: number, timeBase: Rational): MediaClock {
  return { originTicks: Math.round((soundStartSec * timeBase.den) / timeBase.num), timeBase };
}

/** Slot on the 25/s grid of a presentation time at or after zero. */
export function slotOf(clock: MediaClock, ticks: number): number {
  const { num, den } = clock.timeBase;
  // All whole numbers below 2^53, so that the quotient cannot round across an integer.
  return Math.floor((2 * FRAMES_PER_SEC * num * (ticks - clock.originTicks) + den) / (2 * den));
}

/** Frames on the grid: up to the end of the last picture; at least one. */
export function frameCountOf(clock: MediaClock, times: PictureTimes): number {
  return Math.max(1, slotOf(clock, times.endTicks));
}

/** Presentation time of the picture that frame `frameIndex` shows. */
export function shownTicks(clock: MediaClock, times: PictureTimes, frameIndex: number): number {
  const { ptsTicks } = times;
  let low = 0;
  let high = ptsTicks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (slotOf(clock, ptsTicks[middle]!) <= frameIndex) low = middle + 1;
    else high = middle;
  }
  return ptsTicks[Math.max(0, low - 1)]!;
}

/** ffmpeg filter option that subtracts zero of the clock from time stamps, rounded to their own unit. */
export function fromOrigin(clock: MediaClock): string {
  return `PTS-round(${clock.originTicks}*${clock.timeBase.num}/${clock.timeBase.den}/TB)`;
}
