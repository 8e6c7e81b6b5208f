import { FRAMES_PER_SEC } from '@avd/domain';
import { formatClock } from './clock.js';
import type { PageTurn } from './corrections.js';
import { LANE_PX, RULER_PX, type Lane } from './lanes.js';
import { LOUDNESS_CODE } from './report-data.js';
import { speakerColour, type Theme } from './theme.js';
import { tickStepSec, xOf, type TimeView } from './time-view.js';
import { visibleSpans } from './visible-spans.js';

export interface TimelinePicture {
  readonly view: TimeView;
  readonly lanes: readonly Lane[];
  readonly shotStartsSec: readonly number[];
  /** Of every frame, see `loudnessSteps`. */
  readonly loudness: Uint8Array;
  readonly selectedTurnId: number | undefined;
  readonly heightPx: number;
  readonly scrollTopPx: number;
  readonly theme: Theme;
}

const TICK_MIN_PX = 72;
const TURN_PAD_PX = 9;
const TURN_HEIGHT_PX = LANE_PX - 2 * TURN_PAD_PX;
const HANDLE_PX = 8;
/** Round corners cannot be seen on narrower turns. */
const PLAIN_PX = 6;
const TICKS_HEIGHT_PX = 24;

/** Draws what can be seen and nothing else. */
export function drawTimeline(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { view, lanes, heightPx, scrollTopPx, theme } = picture;
  context.save();
  context.beginPath();
  context.rect(0, RULER_PX, view.widthPx, heightPx - RULER_PX);
  context.clip();
  const first = Math.floor(scrollTopPx / LANE_PX);
  const end = Math.min(lanes.length, Math.ceil((scrollTopPx + heightPx - RULER_PX) / LANE_PX));
  for (let i = first; i < end; i++) {
    if (i % 2 === 0) continue;
    context.fillStyle = theme.stripe;
    context.fillRect(0, laneTop(i, scrollTopPx), view.widthPx, LANE_PX);
  }
  drawTickLines(context, picture);
  for (let i = first; i < end; i++) drawLane(context, picture, i);
  context.restore();
  drawRuler(context, picture);
}

function laneTop(laneIndex: number, scrollTopPx: number): number {
  return RULER_PX + laneIndex * LANE_PX - scrollTopPx;
}

function drawLane(
  context: CanvasRenderingContext2D,
  { view, lanes, scrollTopPx, selectedTurnId, theme }: TimelinePicture,
  laneIndex: number,
): void {
  const { speaker, turns } = lanes[laneIndex]!;
  const top = laneTop(laneIndex, scrollTopPx) + TURN_PAD_PX;
  const colour = speakerColour(speaker.speakerId, theme.isDark);
  // Turns narrower than a pixel run together: one rectangle for all of them.
  let drawnTo = -Infinity;
  for (const turn of visibleSpans(turns, view)) {
    const left = xOf(view, turn.startSec);
    const right = Math.max(left + 1.5, xOf(view, turn.endSec));
    if (right <= drawnTo + 0.5 && turn.turnId !== selectedTurnId) continue;
    drawnTo = right;
    drawTurn(context, turn, left, top, right - left, colour);
    if (turn.turnId === selectedTurnId) drawSelection(context, left, top, right - left, theme);
  }
}

/** The turn in light colour, filled from below as far as it is sure. */
function drawTurn(
  context: CanvasRenderingContext2D,
  { confidence }: PageTurn,
  left: number,
  top: number,
  width: number,
  colour: string,
): void {
  const filled = TURN_HEIGHT_PX * confidence;
  context.fillStyle = colour;
  if (width < PLAIN_PX) {
    context.globalAlpha = 0.3;
    context.fillRect(left, top, width, TURN_HEIGHT_PX);
    context.globalAlpha = 1;
    context.fillRect(left, top + TURN_HEIGHT_PX - filled, width, filled);
    return;
  }
  const radius = Math.min(5, width / 3);
  const isFull = TURN_HEIGHT_PX - filled < radius;
  context.globalAlpha = 0.3;
  context.beginPath();
  context.roundRect(left, top, width, TURN_HEIGHT_PX, radius);
  context.fill();
  context.globalAlpha = 1;
  context.beginPath();
  context.roundRect(
    left,
    top + TURN_HEIGHT_PX - filled,
    width,
    filled,
    isFull ? radius : [0, 0, Math.min(radius, filled), Math.min(radius, filled)],
  );
  context.fill();
}

function drawSelection(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  width: number,
  theme: Theme,
): void {
  context.lineWidth = 2;
  context.strokeStyle = theme.text;
  context.beginPath();
  context.roundRect(left - 2, top - 2, width + 4, TURN_HEIGHT_PX + 4, 6);
  context.stroke();
  context.fillStyle = theme.text;
  for (const x of [left, left + width]) {
    context.beginPath();
    context.roundRect(x - HANDLE_PX / 2, top + 4, HANDLE_PX, TURN_HEIGHT_PX - 8, 3);
    context.fill();
  }
}

function drawTickLines(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { view, theme, heightPx } = picture;
  context.fillStyle = theme.line;
  for (const timeSec of ticks(view)) {
    context.fillRect(Math.round(xOf(view, timeSec)), RULER_PX, 1, heightPx - RULER_PX);
  }
}

function* ticks(view: TimeView): Generator<number> {
  const stepSec = tickStepSec(view, TICK_MIN_PX);
  const endSec = view.startSec + view.widthPx * view.secPerPx;
  for (let tick = Math.ceil(view.startSec / stepSec); tick * stepSec <= endSec; tick++) {
    yield tick * stepSec;
  }
}

function drawRuler(context: CanvasRenderingContext2D, picture: TimelinePicture): void {
  const { view, theme, shotStartsSec } = picture;
  context.fillStyle = theme.panel;
  context.fillRect(0, 0, view.widthPx, RULER_PX);
  context.fillStyle = theme.muted;
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'middle';
  const decimals = tickStepSec(view, TICK_MIN_PX) < 1 ? 1 : 0;
  for (const timeSec of ticks(view)) {
    const x = Math.round(xOf(view, timeSec));
    context.fillRect(x, TICKS_HEIGHT_PX - 6, 1, 6);
    context.fillText(formatClock(timeSec, decimals), x + 5, TICKS_HEIGHT_PX / 2);
  }
  // Cuts of the picture: small marks, only while they stand apart.
  const endSec = view.startSec + view.widthPx * view.secPerPx;
  const cuts = shotStartsSec.filter((timeSec) => timeSec > view.startSec && timeSec < endSec);
  if (cuts.length * 12 < view.widthPx) {
    context.fillStyle = theme.accent;
    for (const timeSec of cuts) {
      const x = xOf(view, timeSec);
      context.beginPath();
      context.moveTo(x - 4, TICKS_HEIGHT_PX);
      context.lineTo(x + 4, TICKS_HEIGHT_PX);
      context.lineTo(x, TICKS_HEIGHT_PX + 5);
      context.fill();
    }
  }
  drawLoudness(context, picture);
  context.fillStyle = theme.line;
  context.fillRect(0, RULER_PX - 1, view.widthPx, 1);
}

/** Loudness of every frame from the letters of the report: 0 is silence, 63 full scale. */
export function loudnessSteps(code: string): Uint8Array {
  const stepOf = new Map([...LOUDNESS_CODE].map((character, step) => [character, step]));
  return Uint8Array.from(code, (character) => stepOf.get(character) ?? 0);
}

/** Room noise lies below: it would fill the strip. */
const QUIET_STEP = 14;

/** The loudest frame under each pixel, as bars around a middle line. */
function drawLoudness(
  context: CanvasRenderingContext2D,
  { view, loudness, theme }: TimelinePicture,
): void {
  const middle = (TICKS_HEIGHT_PX + RULER_PX) / 2 + 2;
  const halfHeight = (RULER_PX - TICKS_HEIGHT_PX) / 2 - 5;
  const framesPerPx = view.secPerPx * FRAMES_PER_SEC;
  context.fillStyle = theme.muted;
  const barPx = 2;
  for (let x = 0; x < view.widthPx; x += barPx) {
    const from = Math.floor((view.startSec + x * view.secPerPx) * FRAMES_PER_SEC);
    const to = Math.max(from + 1, Math.floor(from + barPx * framesPerPx));
    let loudest = 0;
    // At most 64 looks a pixel keep two hours as quick as two minutes.
    const step = Math.max(1, Math.floor((to - from) / 64));
    for (let frame = from; frame < to && frame < loudness.length; frame += step) {
      loudest = Math.max(loudest, loudness[frame]!);
    }
    const share = Math.max(0, (loudest - QUIET_STEP) / (LOUDNESS_CODE.length - 1 - QUIET_STEP));
    const half = Math.max(0.5, halfHeight * share ** 1.5);
    context.globalAlpha = 0.65;
    context.fillRect(x, middle - half, barPx - 0.5, 2 * half);
  }
  context.globalAlpha = 1;
}

/** What lies at a point of the drawing: a turn, and which of its edges when that can be dragged. */
export function turnAt(
  { view, lanes, scrollTopPx, selectedTurnId }: TimelinePicture,
  x: number,
  y: number,
  reachPx: number,
): { readonly turn: PageTurn; readonly edge: 'start' | 'end' | undefined } | undefined {
  if (y < RULER_PX) return undefined;
  const lane = lanes[Math.floor((y - RULER_PX + scrollTopPx) / LANE_PX)];
  if (lane === undefined) return undefined;
  const spans = visibleSpans(lane.turns, view);
  const selected = lane.turns.find(({ turnId }) => turnId === selectedTurnId);
  if (selected !== undefined) {
    const fromStart = Math.abs(x - xOf(view, selected.startSec));
    const fromEnd = Math.abs(x - xOf(view, selected.endSec));
    if (Math.min(fromStart, fromEnd) <= reachPx) {
      return { turn: selected, edge: fromStart < fromEnd ? 'start' : 'end' };
    }
  }
  const turn = spans.find(
    ({ startSec, endSec }) =>
      x >= xOf(view, startSec) - 1 && x <= Math.max(xOf(view, endSec), xOf(view, startSec) + 3),
  );
  return turn === undefined ? undefined : { turn, edge: undefined };
}
