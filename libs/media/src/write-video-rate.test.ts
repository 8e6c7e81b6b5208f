import { describe, expect, it } from 'vitest';
import { outputRate } from './write-video-rate.js';

function timesAt(distancesMs: readonly number[]) {
  let now = 0;
  const ptsTicks = Float64Array.from([0, ...distancesMs], (distance) => (now += distance));
  return { timeBase: { num: 1, den: 1000 }, ptsTicks, endTicks: now + 40, reorderTicks: 0 };
}

const repeat = (count: number, ...distances: number[]) =>
  Array<number[]>(count).fill(distances).flat();

describe('outputRate', () => {
  it('is the stated rate where the pictures keep it', () => {
    const rate = { num: 30_000, den: 1001 };
    expect(outputRate(timesAt(repeat(100, 33, 34, 33)), rate)).toEqual(rate);
  });

  it('is measured where the container states nothing or something else', () => {
    expect(outputRate(timesAt(repeat(100, 40)), undefined)).toEqual({ num: 25, den: 1 });
    expect(outputRate(timesAt(repeat(100, 100)), { num: 90_000, den: 1 })).toEqual({
      num: 10_000,
      den: 1000,
    });
  });

  it('is the usual distance of pictures that come irregularly, at most 60 a second', () => {
    const phone = [...repeat(50, 33, 34), 200, ...repeat(50, 33, 33), 90];
    expect(outputRate(timesAt(phone), { num: 21, den: 1 })).toEqual({ num: 30, den: 1 });
    expect(outputRate(timesAt([...repeat(50, 5), 400]), undefined)).toEqual({ num: 60, den: 1 });
  });

  it('is 25 for a lone picture', () => {
    expect(outputRate(timesAt([]), undefined)).toEqual({ num: 25, den: 1 });
  });
});
