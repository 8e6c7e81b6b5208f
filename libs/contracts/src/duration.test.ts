import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationToSec, secToDuration } from './duration.js';
import { Duration } from './gen/google/protobuf/duration.js';

const roundTrip = (sec: number): number =>
  durationToSec(Duration.decode(Duration.encode(secToDuration(sec)).finish()));

describe('durations', () => {
  it('bring the times of all frames and samples of 48 days back to the last bit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(25, 100, 16_000),
        fc.integer({ min: -(2 ** 22) + 1, max: 2 ** 22 - 1 }),
        fc.nat(15_999),
        (ratePerSec, seconds, part) => {
          const sec = (seconds * ratePerSec + (part % ratePerSec)) / ratePerSec;
          expect(roundTrip(sec)).toBe(sec);
        },
      ),
    );
  });

  it('are within half a nanosecond of any time', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (sec) => {
        expect(Math.abs(roundTrip(sec) - sec)).toBeLessThan(0.7e-9);
      }),
    );
  });

  it('have seconds and nanoseconds of one sign, and less than a second of the latter', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), (sec) => {
        const { seconds, nanos } = secToDuration(sec);
        expect(Math.abs(nanos)).toBeLessThan(1e9);
        expect(seconds * nanos).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(secToDuration(0.9999999999)).toEqual({ seconds: 1, nanos: 0 });
    expect(secToDuration(-0)).toEqual({ seconds: 0, nanos: 0 });
    expect(secToDuration(-1.5)).toEqual({ seconds: -1, nanos: -500_000_000 });
  });

  it('are not made of what is no number', () => {
    expect(() => secToDuration(Number.NaN)).toThrow(RangeError);
    expect(() => secToDuration(Infinity)).toThrow(RangeError);
  });
});
