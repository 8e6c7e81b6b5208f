/** The part of the recording a timeline shows. */
export interface TimeView {
  readonly startSec: number;
  readonly secPerPx: number;
  readonly widthPx: number;
  readonly durationSec: number;
}

/** One frame (1/25 s) is then 20 pixels wide. */
const MIN_SEC_PER_PX = 0.002;

/** All of the recording. */
export function fitAll(widthPx: number, durationSec: number): TimeView {
  return { startSec: 0, secPerPx: durationSec / widthPx, widthPx, durationSec };
}

export function xOf({ startSec, secPerPx }: TimeView, timeSec: number): number {
  return (timeSec - startSec) / secPerPx;
}

/** Inside of the recording. */
export function timeAt({ startSec, secPerPx, durationSec }: TimeView, x: number): number {
  return Math.max(0, Math.min(durationSec, startSec + x * secPerPx));
}

/** Makes everything `factor` times as wide; the moment at `x` stays where it is. */
export function zoomAt(view: TimeView, factor: number, x: number): TimeView {
  const timeSec = view.startSec + x * view.secPerPx;
  const widest = view.durationSec / view.widthPx;
  const secPerPx = Math.max(
    Math.min(MIN_SEC_PER_PX, widest),
    Math.min(widest, view.secPerPx / factor),
  );
  return within({ ...view, secPerPx, startSec: timeSec - x * secPerPx });
}

/** Moves what is seen by so many pixels to the left. */
export function panBy(view: TimeView, px: number): TimeView {
  return within({ ...view, startSec: view.startSec + px * view.secPerPx });
}

/** The same zoom with this moment in the middle. */
export function centreOn(view: TimeView, timeSec: number): TimeView {
  return within({ ...view, startSec: timeSec - (view.widthPx * view.secPerPx) / 2 });
}

/** The view itself when it shows the moment, else turned like a page so that the moment comes near its left side. */
export function reveal(view: TimeView, timeSec: number): TimeView {
  const x = xOf(view, timeSec);
  if (x >= 0 && x <= view.widthPx) return view;
  return within({ ...view, startSec: timeSec - 0.1 * view.widthPx * view.secPerPx });
}

/** The same part of the recording on another width. */
export function resize(view: TimeView, widthPx: number): TimeView {
  return zoomAt({ ...view, widthPx, secPerPx: (view.secPerPx * view.widthPx) / widthPx }, 1, 0);
}

function within(view: TimeView): TimeView {
  const latestSec = view.durationSec - view.widthPx * view.secPerPx;
  return { ...view, startSec: Math.max(0, Math.min(latestSec, view.startSec)) };
}

const TICKS_SEC = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Distance of the marks of a ruler, in seconds: a round one that leaves at least `minPx` between two. */
export function tickStepSec({ secPerPx }: TimeView, minPx: number): number {
  return TICKS_SEC.find((stepSec) => stepSec / secPerPx >= minPx) ?? TICKS_SEC.at(-1)!;
}
