import { frameRateKind, type PictureTimes } from './picture-times.js';
import type { Rational } from './rational.js';

/** Rates cameras and editors use. */
const USUAL_RATES: readonly Rational[] = [
  { num: 24_000, den: 1001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30_000, den: 1001 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60_000, den: 1001 },
  { num: 60, den: 1 },
];
const MAX_VARIABLE_HZ = 60;
const LONE_PICTURE_RATE: Rational = { num: 25, den: 1 };

/**
 * Constant rate to write pictures at: the rate of the source where that is constant. Pictures at changing distances go
 * on the grid of their usual distance (the median), at most 60/s, since a raw stream of pictures can carry no times.
 *
 * @param statedRate what the container says
 */
export function outputRate(times: PictureTimes, statedRate: Rational | undefined): Rational {
  const { ptsTicks, timeBase } = times;
  if (ptsTicks.length < 2) return LONE_PICTURE_RATE;
  const secPerTick = timeBase.num / timeBase.den;
  if (frameRateKind(times) === 'constant') {
    const meanSec = ((ptsTicks.at(-1)! - ptsTicks[0]!) * secPerTick) / (ptsTicks.length - 1);
    if (statedRate !== undefined && isNear(statedRate, 1 / meanSec, 0.001)) return statedRate;
    return nearestRate(1 / meanSec, 0.002);
  }
  const distances = Float64Array.from(
    { length: ptsTicks.length - 1 },
    (_, i) => ptsTicks[i + 1]! - ptsTicks[i]!,
  ).sort();
  const medianSec = Math.max(distances[distances.length >> 1]! * secPerTick, 1e-6);
  return nearestRate(Math.min(MAX_VARIABLE_HZ, 1 / medianSec), 0.05);
}

/** A usual rate within the share, else the rate itself in thousandths. */
function nearestRate(rateHz: number, share: number): Rational {
  const near = USUAL_RATES.filter((usual) => isNear(usual, rateHz, share));
  const distance = ({ num, den }: Rational): number => Math.abs(num / den - rateHz);
  near.sort((a, b) => distance(a) - distance(b));
  return near[0] ?? { num: Math.max(1, Math.round(rateHz * 1000)), den: 1000 };
}

function isNear({ num, den }: Rational, rateHz: number, share: number): boolean {
  return Math.abs(num / den / rateHz - 1) <= share;
}
