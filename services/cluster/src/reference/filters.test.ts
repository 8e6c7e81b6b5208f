import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeGaps, closeWithErodedEnds } from './binary-closing.js';
import { majorityFilter } from './majority-filter.js';
import { findRuns } from './runs.js';
import { cpythonSetOrder } from './small-int-set.js';
import { countSpeech } from './speech-frames.js';

const bits = fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 200 });
const active = bits.map((values) => Uint8Array.from(values));

describe('findRuns', () => {
  it('describes the sequence completely', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 2 })), (values) => {
        const runs = findRuns(values);
        expect(runs.flatMap(({ value, length }) => Array<number>(length).fill(value))).toEqual(
          values,
        );
        for (const [k, run] of runs.entries()) {
          expect(run.start).toBe(k === 0 ? 0 : runs[k - 1]!.start + runs[k - 1]!.length);
          if (k > 0) expect(run.value).not.toBe(runs[k - 1]!.value);
        }
      }),
    );
  });
});

describe('closing', () => {
  it('is idempotent', () => {
    fc.assert(
      fc.property(active, fc.integer({ min: 2, max: 13 }), (frames, width) => {
        const once = closeGaps(frames, width);
        expect(closeGaps(once, width)).toEqual(once);
      }),
    );
  });

  it('only adds activity, and only in gaps shorter than the width', () => {
    fc.assert(
      fc.property(active, (frames) => {
        const closed = closeGaps(frames, 12);
        expect(frames.every((value, k) => closed[k]! >= value)).toBe(true);
        const gaps = findRuns(closed)
          .slice(1, -1)
          .filter((run) => run.value === 0);
        expect(gaps.every((gap) => gap.length >= 12)).toBe(true);
      }),
    );
  });

  it('differs between the two forms only within the width of both ends', () => {
    fc.assert(
      fc.property(active, (frames) => {
        const margin = new Uint8Array(12);
        const padded = Uint8Array.of(...margin, ...frames, ...margin);
        expect(closeWithErodedEnds(padded, 12)).toEqual(closeGaps(padded, 12));
      }),
    );
  });
});

describe('majorityFilter', () => {
  const longRuns = fc
    .array(fc.tuple(fc.integer({ min: -1, max: 30 }), fc.integer({ min: 25, max: 60 })), {
      maxLength: 8,
    })
    .map((runs) => runs.flatMap(([label, length]) => Array<number>(length).fill(label)));

  it('leaves labels alone that last at least the window', () => {
    fc.assert(
      fc.property(longRuns, (labels) => {
        expect([...majorityFilter(labels, 25, 'pythonSet')]).toEqual(labels);
        expect([...majorityFilter(labels, 25, 'keepCurrent')]).toEqual(labels);
      }),
    );
  });

  it('only gives labels that are near', () => {
    const labels = fc.array(fc.integer({ min: -1, max: 40 }), { maxLength: 120 });
    fc.assert(
      fc.property(
        labels,
        fc.constantFrom('pythonSet' as const, 'keepCurrent' as const),
        (x, rule) => {
          const filtered = majorityFilter(x, 25, rule);
          expect(filtered.length).toBe(x.length);
          for (const [k, label] of filtered.entries()) {
            expect(x.slice(Math.max(0, k - 24), k + 25)).toContain(label);
          }
        },
      ),
    );
  });

  it('keeps the label of the middle frame on a tie unless told otherwise', () => {
    const labels = [5, 5, 1, 2, 3, 0, 0];
    expect(majorityFilter(labels, 3, 'pythonSet')[3]).toBe(1);
    expect(majorityFilter(labels, 3, 'keepCurrent')[3]).toBe(2);
  });
});

describe('cpythonSetOrder', () => {
  it('puts -1 behind 5', () => {
    expect(cpythonSetOrder([-1, 5, 0])).toEqual([0, 5, -1]);
  });

  it('lets the first come first served when two want one slot', () => {
    expect(cpythonSetOrder([8, 0])).toEqual([8, 0]);
    expect(cpythonSetOrder([0, 8])).toEqual([0, 8]);
  });

  it('holds every value once', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 300 })), (values) => {
        expect(new Set(cpythonSetOrder(values))).toEqual(new Set(values));
        expect(cpythonSetOrder(values).length).toBe(new Set(values).size);
      }),
    );
  });
});

describe('countSpeech', () => {
  it('covers touching segments once when frames are rounded', () => {
    const spans = [
      { startSec: 0.72, endSec: 2.52 },
      { startSec: 2.52, endSec: 3.42 },
    ];
    const counts = countSpeech(spans, 100, false);
    expect(findRuns(counts).map(({ value, length }) => [value, length])).toEqual([
      [0, 18],
      [1, 68],
      [0, 14],
    ]);
  });
});
