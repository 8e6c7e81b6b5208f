import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diarizationErrorRate } from './error-rate.js';
import { errorSpans, type ErrorSpanKind } from './error-spans.js';

const turns = fc.array(
  fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(120), fc.integer({ min: 1, max: 60 }))
    .map(([speaker, start, duration]) => ({
      speaker,
      startSec: start / 10,
      endSec: (start + duration) / 10,
    })),
  { maxLength: 12 },
);

describe('errorSpans', () => {
  it('says where, what and who', () => {
    const ref = [
      { speaker: 'A', startSec: 0, endSec: 6 },
      { speaker: 'B', startSec: 6, endSec: 10 },
    ];
    const hyp = [
      { speaker: 'x', startSec: 1, endSec: 8 },
      { speaker: 'y', startSec: 8, endSec: 11 },
    ];
    expect(errorSpans(ref, hyp)).toEqual([
      { kind: 'missed', startSec: 0, endSec: 1, speakerCount: 1, ref: ['A'], hyp: [] },
      { kind: 'confusion', startSec: 6, endSec: 8, speakerCount: 1, ref: ['B'], hyp: ['x'] },
      { kind: 'falseAlarm', startSec: 10, endSec: 11, speakerCount: 1, ref: [], hyp: ['y'] },
    ]);
  });

  it('adds up to the error times under every condition', () => {
    fc.assert(
      fc.property(
        turns,
        turns,
        fc.constantFrom(0, 0.25),
        fc.boolean(),
        (ref, hyp, collarSec, skipOverlap) => {
          const options = { collarSec, skipOverlap };
          const rates = diarizationErrorRate(ref, hyp, options);
          const spans = errorSpans(ref, hyp, options);
          const totalSec = (kind: ErrorSpanKind): number =>
            spans
              .filter((span) => span.kind === kind)
              .reduce((sum, span) => sum + (span.endSec - span.startSec) * span.speakerCount, 0);
          expect(totalSec('missed')).toBeCloseTo(rates.missedSec, 6);
          expect(totalSec('falseAlarm')).toBeCloseTo(rates.falseAlarmSec, 6);
          expect(totalSec('confusion')).toBeCloseTo(rates.confusionSec, 6);
        },
      ),
    );
  });
});
