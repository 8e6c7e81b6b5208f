import { escapeMarkup, type TimeSpan } from '@avd/domain';
import type { ErrorSpanKind } from './error-spans.js';

/** One row of a timeline. */
export interface TimelineLane {
  readonly group: 'ref' | 'hyp' | 'error';
  readonly label: string;
  /** Colour number of a speaker; negative for one without a partner. */
  readonly colour?: number;
  readonly kind?: ErrorSpanKind;
  readonly spans: readonly TimeSpan[];
}

/** Rows and axis are as high as the labels beside them (score-html-style.ts). */
const ROW_PX = 20;
const BAR_PX = 14;
const MIN_WIDTH_PX = 800;
const MAX_WIDTH_PX = 16_000;
const PX_PER_SEC = 6;
const TICK_STEPS_SEC = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
const MIN_TICK_PX = 60;
/** Hues a golden angle apart stay distinct however many there are. */
const GOLDEN_ANGLE_DEG = 137.508;

/** The lanes over a time axis from 0 to endSec as an SVG picture, one path a lane. */
export function timelineSvg(lanes: readonly TimelineLane[], endSec: number, title: string): string {
  const widthPx = Math.min(Math.max(Math.ceil(endSec * PX_PER_SEC), MIN_WIDTH_PX), MAX_WIDTH_PX);
  const pxPerSec = endSec > 0 ? widthPx / endSec : 1;
  const heightPx = ROW_PX * (lanes.length + 1);
  const stepSec =
    TICK_STEPS_SEC.find((step) => step * pxPerSec >= MIN_TICK_PX) ?? TICK_STEPS_SEC.at(-1)!;
  let ticks = '';
  for (let tickSec = 0; tickSec <= endSec; tickSec += stepSec) {
    const x = pixel(tickSec * pxPerSec);
    ticks += `<path class="tick" d="M${x} 0v${heightPx}"/><text x="${pixel(tickSec * pxPerSec + 3)}" y="14">${clock(tickSec)}</text>`;
  }
  const paths = lanes.map((lane, index) => {
    const top = ROW_PX * (index + 1) + (ROW_PX - BAR_PX) / 2;
    const d = lane.spans
      .map(({ startSec, endSec: spanEndSec }) => {
        const width = Math.max((spanEndSec - startSec) * pxPerSec, 0.5);
        return `M${pixel(startSec * pxPerSec)} ${top}h${pixel(width)}v${BAR_PX}h-${pixel(width)}z`;
      })
      .join('');
    return `<path ${paint(lane)} d="${d}"><title>${escapeMarkup(laneText(lane))}</title></path>`;
  });
  return `<svg role="img" width="${widthPx}" height="${heightPx}" viewBox="0 0 ${widthPx} ${heightPx}">
<title>${escapeMarkup(title)}</title>
${ticks}
${paths.join('\n')}
</svg>`;
}

/** What the lanes show, in words. */
export function joinLaneText(lanes: readonly TimelineLane[]): string {
  return lanes.map(laneText).join('; ');
}

function laneText({ label, spans }: TimelineLane): string {
  const totalSec = spans.reduce((sum, span) => sum + span.endSec - span.startSec, 0);
  return `${label}, ${totalSec.toFixed(2)} s in ${spans.length} ${spans.length === 1 ? 'span' : 'spans'}`;
}

function paint({ kind, colour = -1 }: TimelineLane): string {
  if (kind !== undefined) return `class="${kind}"`;
  if (colour < 0) return 'class="alone"';
  return `class="speaker" style="--hue:${Math.round(colour * GOLDEN_ANGLE_DEG) % 360}"`;
}

function pixel(px: number): string {
  return String(Math.round(px * 10) / 10);
}

function clock(timeSec: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(timeSec / 3600);
  const minutes = Math.floor(timeSec / 60) % 60;
  const rest = `${two(minutes)}:${two(timeSec % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
