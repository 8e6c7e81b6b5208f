import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clockOfSound, clockOfVideo, frameCountOf, shownTicks, slotOf } from './clock.js';
import type { PictureTimes } from './picture-times.js';

function times(ptsTicks: number[], num: number, den: number, endTicks: number): PictureTimes {
  return {
    timeBase: { num, den },
    ptsTicks: Float64Array.from(ptsTicks),
    endTicks,
    reorderTicks: 0,
  };
}

/** n pictures at num/den a second, counted in ticks of 1/num s. */
function constantRate(count: number, num: number, den: number): PictureTimes {
  const pts = Array.from({ length: count }, (_, i) => i * den);
  return times(pts, 1, num, count * den);
}

/** Index of the picture each frame shows. */
function shownPictures(pictures: PictureTimes): number[] {
  const clock = clockOfVideo(pictures, undefined);
  return Array.from({ length: frameCountOf(clock, pictures) }, (_, n) =>
    pictures.ptsTicks.indexOf(shownTicks(clock, pictures, n)),
  );
}

describe('the 25/s grid', () => {
  it('shows every picture of a 25/s video once, also with jittering time stamps', () => {
    const pts = [500, 541, 580, 625, 660, 699];
    expect(shownPictures(times(pts, 1, 1000, 740))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('shows every second picture of a 50/s video', () => {
    expect(shownPictures(constantRate(10, 50, 1))).toEqual([0, 2, 4, 6, 8]);
  });

  it('leaves out one picture in six of a 30/s video', () => {
    expect(shownPictures(constantRate(12, 30, 1))).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 10, 11]);
  });

  it('repeats one picture in 24 of a 23.976/s video', () => {
    const shown = shownPictures(constantRate(240, 24_000, 1001));
    expect(shown.length).toBe(250);
    expect(new Set(shown).size).toBe(240);
  });

  it('holds a picture while a variable-rate video stands still', () => {
    expect(shownPictures(times([0, 40, 300, 340], 1, 1000, 380))).toEqual([
      0, 1, 1, 1, 1, 1, 1, 1, 2, 3,
    ]);
  });

  it('has one frame at least', () => {
    expect(shownPictures(times([7], 1, 1000, 8))).toEqual([0]);
  });

  it('equals exact arithmetic for any time stamp', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 36 }),
        fc.constantFrom([1, 1000], [1, 90_000], [1001, 30_000], [1, 15_360], [1, 1_000_000]),
        fc.integer({ min: -90_000, max: 90_000 }),
        (ticks, [num, den], originTicks) => {
          const clock = { originTicks, timeBase: { num: num, den: den } };
          const doubled = 50n * BigInt(num) * BigInt(ticks) + BigInt(den);
          const expected = doubled / (2n * BigInt(den));
          expect(slotOf(clock, originTicks + ticks)).toBe(Number(expected));
        },
      ),
    );
  });
});

describe('zero of the clock', () => {
  const pictures = times([45_000, 48_600], 1, 90_000, 52_200);

  it('is the first picture when the sound starts later or a codec delay earlier', () => {
    expect(clockOfVideo(pictures, 0.9).originTicks).toBe(45_000);
    expect(clockOfVideo(pictures, 0.45).originTicks).toBe(45_000);
  });

  it('is the first sound when that leads by more; slots before the first picture then show it', () => {
    const clock = clockOfVideo(pictures, 0.1);
    expect(clock.originTicks).toBe(9000);
    expect(slotOf(clock, 45_000)).toBe(10);
    expect(shownTicks(clock, pictures, 0)).toBe(45_000);
    expect(frameCountOf(clock, pictures)).toBe(12);
  });

  it('is the first sample of a file without pictures', () => {
    expect(clockOfSound(0.25, { num: 1, den: 1000 }).originTicks).toBe(250);
  });
});
