import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diarizationErrorRate } from './error-rate.js';
import type { SpeakerTurn } from './regions.js';

const turn = (speaker: string, startSec: number, endSec: number): SpeakerTurn => ({
  speaker,
  startSec,
  endSec,
});

const turns = fc.array(
  fc
    .record({
      speaker: fc.constantFrom('a', 'b', 'c', 'd'),
      startMs: fc.nat(12_000),
      durationMs: fc.integer({ min: 1, max: 5000 }),
    })
    .map(({ speaker, startMs, durationMs }) =>
      turn(speaker, startMs / 1000, (startMs + durationMs) / 1000),
    ),
  { minLength: 1, maxLength: 12 },
);
const options = fc.record({
  collarSec: fc.constantFrom(0, 0.25, 1),
  skipOverlap: fc.boolean(),
  uem: fc.constantFrom('union' as const, 'reference' as const, [
    { startSec: 1, endSec: 6.5 },
    { startSec: 8, endSec: 11 },
  ]),
});

describe('diarizationErrorRate', () => {
  it('adds missed speech, false alarms and confusion over the scored speaker time', () => {
    const ref = [turn('A', 0, 6), turn('B', 6, 10)];
    // 1 s missed at the start, 2 s of B given to A's speaker, 1 s after the end.
    const hyp = [turn('x', 1, 8), turn('y', 8, 11)];
    expect(diarizationErrorRate(ref, hyp)).toEqual({
      scoredSec: 10,
      missedSec: 1,
      falseAlarmSec: 1,
      confusionSec: 2,
      derPercent: 40,
      missedPercent: 10,
      falseAlarmPercent: 10,
      confusionPercent: 20,
    });
    expect(diarizationErrorRate(ref, hyp, { uem: 'reference' }).falseAlarmSec).toBe(0);
  });

  it('leaves out the collar on both sides of every reference boundary', () => {
    const ref = [turn('A', 0, 4), turn('A', 6, 10)];
    const { scoredSec, missedSec } = diarizationErrorRate(ref, [turn('x', 0.5, 4)], {
      collarSec: 0.25,
    });
    expect({ scoredSec, missedSec }).toEqual({ scoredSec: 7, missedSec: 3.75 });
  });

  it('has a collar between touching turns of one speaker but none inside of overlapping ones', () => {
    const scoredSec = (ref: readonly SpeakerTurn[]): number =>
      diarizationErrorRate(ref, [], { collarSec: 0.25 }).scoredSec;
    expect(scoredSec([turn('A', 0, 2), turn('A', 2, 4)])).toBe(3);
    expect(scoredSec([turn('A', 0, 2), turn('A', 1, 4)])).toBe(3.5);
  });

  it('takes the mapping with fewer scored errors when two share the same time', () => {
    // Both hypothesis speakers share 2 s with A; the collar takes some of the first one's away.
    const ref = [turn('A', 0, 10)];
    for (const [early, late] of [
      ['x', 'y'],
      ['y', 'x'],
    ] as const) {
      const hyp = [turn(early, 0, 2), turn(late, 4, 6)];
      const { confusionSec } = diarizationErrorRate(ref, hyp, { collarSec: 0.25 });
      expect(confusionSec).toBe(1.75);
    }
  });

  it('leaves out overlapping reference speech when asked to', () => {
    const ref = [turn('A', 0, 4), turn('B', 3, 6)];
    expect(diarizationErrorRate(ref, [], { skipOverlap: true }).scoredSec).toBe(5);
    expect(diarizationErrorRate(ref, []).scoredSec).toBe(7);
  });

  it('scores only the given regions, whatever their order', () => {
    const uem = [
      { startSec: 8, endSec: 9 },
      { startSec: 0, endSec: 2 },
    ];
    const rates = diarizationErrorRate([turn('A', 1, 10)], [turn('x', 0, 8.5)], { uem });
    expect(rates).toMatchObject({ scoredSec: 2, missedSec: 0.5, falseAlarmSec: 1 });
  });

  it('is 100 % when only the hypothesis speaks and 0 when nobody does', () => {
    expect(diarizationErrorRate([], [turn('x', 0, 3)])).toMatchObject({
      derPercent: 100,
      falseAlarmPercent: 100,
      falseAlarmSec: 3,
    });
    expect(diarizationErrorRate([], []).derPercent).toBe(0);
    expect(diarizationErrorRate([turn('A', 0, 1)], []).derPercent).toBe(100);
  });

  it.each([-0.1, Number.NaN, Infinity])('refuses a collar of %d', (collarSec) => {
    expect(() => diarizationErrorRate([], [], { collarSec })).toThrow(
      `at least 0, not ${collarSec}`,
    );
  });

  it('is zero against itself, under other names too', () => {
    fc.assert(
      fc.property(turns, options, (ref, opts) => {
        const renamed = ref.map((t) => ({ ...t, speaker: `other ${t.speaker}` }));
        expect(diarizationErrorRate(ref, renamed, opts).derPercent).toBe(0);
      }),
    );
  });

  it('does not depend on labels or on the order of turns', () => {
    const names = new Map([
      ['a', 'z'],
      ['b', 'y'],
      ['c', 'x'],
      ['d', 'w'],
    ]);
    const scrambled = (list: readonly SpeakerTurn[]): SpeakerTurn[] =>
      list.map((t) => ({ ...t, speaker: names.get(t.speaker)! })).reverse();
    fc.assert(
      fc.property(turns, turns, options, (ref, hyp, opts) => {
        const expected = diarizationErrorRate(ref, hyp, opts);
        expect(diarizationErrorRate(scrambled(ref), hyp, opts)).toEqual(expected);
        expect(diarizationErrorRate(ref, scrambled(hyp), opts)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });

  it('does not change when a turn is split, where the split adds no collar', () => {
    const split = (list: readonly SpeakerTurn[]): SpeakerTurn[] =>
      list.flatMap((t) => {
        const middleSec = Math.round(500 * (t.startSec + t.endSec)) / 1000;
        if (middleSec <= t.startSec || middleSec >= t.endSec) return [t];
        return [
          { ...t, endSec: middleSec },
          { ...t, startSec: middleSec },
        ];
      });
    fc.assert(
      fc.property(turns, turns, options, (ref, hyp, opts) => {
        expect(diarizationErrorRate(ref, split(hyp), opts)).toEqual(
          diarizationErrorRate(ref, hyp, opts),
        );
        const noCollar = { ...opts, collarSec: 0 };
        expect(diarizationErrorRate(split(ref), hyp, noCollar)).toEqual(
          diarizationErrorRate(ref, hyp, noCollar),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('swaps missed speech and false alarms, and keeps confusion, when the sides are swapped', () => {
    fc.assert(
      fc.property(turns, turns, (ref, hyp) => {
        const forward = diarizationErrorRate(ref, hyp);
        const backward = diarizationErrorRate(hyp, ref);
        expect([backward.missedSec, backward.falseAlarmSec, backward.confusionSec]).toEqual([
          forward.falseAlarmSec,
          forward.missedSec,
          forward.confusionSec,
        ]);
      }),
    );
  });

  it('has parts that add up to the error, none of them negative', () => {
    fc.assert(
      fc.property(turns, turns, options, (ref, hyp, opts) => {
        const rates = diarizationErrorRate(ref, hyp, opts);
        expect(rates.missedPercent + rates.falseAlarmPercent + rates.confusionPercent).toBeCloseTo(
          rates.derPercent,
          9,
        );
        for (const part of [rates.missedSec, rates.falseAlarmSec, rates.confusionSec]) {
          expect(part).toBeGreaterThanOrEqual(0);
        }
        expect(rates.missedSec + rates.confusionSec).toBeLessThanOrEqual(rates.scoredSec + 1e-9);
      }),
    );
  });
});
