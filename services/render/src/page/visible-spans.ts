import type { TimeView } from './time-view.js';

/** Start, end and confidence of turns of one lane, ascending and not overlapping. */
interface LaneSpan {
  readonly startSec: number;
  readonly endSec: number;
}

/**
 * The spans that can be seen, from the first that ends inside of the view on: found by halving, so that a lane of
 * thousands of turns costs no more than what is drawn.
 */
export function visibleSpans<Span extends LaneSpan>(lane: readonly Span[], view: TimeView): Span[] {
  const endSec = view.startSec + view.widthPx * view.secPerPx;
  let low = 0;
  let high = lane.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lane[middle]!.endSec <= view.startSec) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < lane.length && lane[last]!.startSec < endSec) last++;
  return lane.slice(low, last);
}
