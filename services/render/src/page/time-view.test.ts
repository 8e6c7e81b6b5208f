import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitAll, panBy, resize, reveal, tickStepSec, timeAt, xOf, zoomAt } from './time-view.js';
import { visibleSpans } from './visible-spans.js';

describe('the view of the timeline', () => {
  it('keeps the moment under the pointer where it is when zooming', () => {
    const view = zoomAt(fitAll(1000, 7200), 8, 300);
    expect(timeAt(view, 300)).toBeCloseTo(2160, 6);
    expect(view.secPerPx).toBeCloseTo(0.9, 9);
  });

  it('never leaves the recording, whatever one does', () => {
    const step = fc.record({
      factor: fc.double({ min: 0.1, max: 10, noNaN: true }),
      x: fc.nat(1000),
      pan: fc.integer({ min: -5000, max: 5000 }),
    });
    fc.assert(
      fc.property(fc.array(step), fc.integer({ min: 1, max: 10_000 }), (steps, durationSec) => {
        let view = fitAll(1000, durationSec);
        for (const { factor, x, pan } of steps) view = panBy(zoomAt(view, factor, x), pan);
        expect(view.startSec).toBeGreaterThanOrEqual(0);
        expect(view.startSec + 1000 * view.secPerPx).toBeLessThanOrEqual(durationSec + 1e-6);
      }),
    );
  });

  it('turns the page only for a moment out of sight', () => {
    const view = zoomAt(fitAll(1000, 1000), 10, 0);
    expect(reveal(view, 50)).toBe(view);
    expect(xOf(reveal(view, 250), 250)).toBeCloseTo(100, 6);
  });

  it('shows the same part on another width', () => {
    const view = zoomAt(fitAll(1000, 1000), 10, 500);
    const narrow = resize(view, 400);
    expect(timeAt(narrow, 0)).toBeCloseTo(timeAt(view, 0), 6);
    expect(timeAt(narrow, 400)).toBeCloseTo(timeAt(view, 1000), 6);
  });

  it('marks round times that do not crowd', () => {
    expect(tickStepSec(fitAll(1000, 60), 72)).toBe(5);
    expect(tickStepSec(fitAll(1000, 7200), 72)).toBe(600);
  });
});

describe('visibleSpans', () => {
  it('finds exactly the spans that reach into the view', () => {
    const lane = Array.from({ length: 1000 }, (_, i) => ({ startSec: 10 * i, endSec: 10 * i + 6 }));
    const view = { startSec: 5003, secPerPx: 0.05, widthPx: 1000, durationSec: 10_000 };
    const expected = lane.filter(({ startSec, endSec }) => endSec > 5003 && startSec < 5053);
    expect(visibleSpans(lane, view)).toEqual(expected);
    expect(expected).toHaveLength(6);
  });
});
