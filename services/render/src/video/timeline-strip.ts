import type { Diarization } from '@avd/domain';
import type { AnnotatedFormat } from './annotator.js';
import { speakerRgb, toYuv, type Yuv } from './colours.js';
import { fillRect, type YuvPicture } from './yuv-drawing.js';

export interface TimelineStrip {
  /** Where it begins. */
  readonly top: number;
  draw(picture: YuvPicture, timeSec: number): void;
}

const BLACK: Yuv = [16, 128, 128];
const WHITE: Yuv = [235, 128, 128];
const GROUND_COVER = 170;
/** Of the height of the picture, for however many speakers. */
const MAX_SHARE = 0.14;

interface Bar {
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly colour: Yuv;
}

/** All of the recording at the foot of the picture: one lane a speaker, and a cursor. */
export function createTimelineStrip(
  { turns, speakers, durationSec }: Diarization,
  { width, height, matrix }: AnnotatedFormat,
  capitalPx: number,
): TimelineStrip {
  if (speakers.length === 0 || durationSec <= 0) return { top: height, draw: () => undefined };
  const roomPx = MAX_SHARE * height;
  const wishedPx = 2 * Math.max(2, Math.round(capitalPx / 2.4));
  const lanePx = Math.max(2, Math.min(wishedPx, 2 * Math.floor(roomPx / speakers.length / 2)));
  const gapPx = lanePx >= 6 ? 2 : 0;
  const padPx = 2 * Math.max(1, Math.round(capitalPx / 4));
  const stripPx = Math.min(speakers.length * lanePx + 2 * padPx, 2 * Math.floor(height / 4));
  const top = height - stripPx;
  const usablePx = width - 2 * padPx;
  const xAt = (timeSec: number): number =>
    padPx + (Math.max(0, Math.min(durationSec, timeSec)) / durationSec) * usablePx;
  const laneOf = new Map(speakers.map(({ label }, lane) => [label, lane]));
  const colours = speakers.map((_, speakerId) => toYuv(speakerRgb(speakerId), matrix));
  const bars = turns.flatMap(({ speaker, startSec, endSec }): Bar[] => {
    const lane = laneOf.get(speaker);
    if (lane === undefined) return [];
    const left = 2 * Math.round(xAt(startSec) / 2);
    const right = Math.max(left + 2, 2 * Math.round(xAt(endSec) / 2));
    return [
      { left, width: right - left, top: top + padPx + lane * lanePx, colour: colours[lane]! },
    ];
  });
  const shown = withoutRepeats(bars);
  return {
    top,
    draw(picture, timeSec) {
      fillRect(picture, 0, top, width, stripPx, BLACK, GROUND_COVER);
      for (const bar of shown) {
        fillRect(picture, bar.left, bar.top, bar.width, lanePx - gapPx, bar.colour);
      }
      fillRect(picture, 2 * Math.round(xAt(timeSec) / 2), top, 2, stripPx, WHITE);
    },
  };
}

/** In a long recording many turns fall on the same pixels of a lane: once is enough. */
function withoutRepeats(bars: readonly Bar[]): Bar[] {
  const reached = new Map<number, number>();
  return [...bars]
    .sort((a, b) => a.left - b.left)
    .filter(({ left, width, top }) => {
      if (left + width <= (reached.get(top) ?? -1)) return false;
      reached.set(top, left + width);
      return true;
    });
}
