import type { Duration } from './gen/google/protobuf/duration.js';

const NANOS_PER_SEC = 1_000_000_000;

/**
 * A time in seconds as a Duration, rounded to the nearest nanosecond. Times of less than 2^22 s (48 days) come back from
 * durationToSec the same to the last bit if they have at most 9 decimals, which all frame and sample times have.
 * @throws RangeError for what is not a finite number
 */
export function secToDuration(sec: number): Duration {
  if (!Number.isFinite(sec)) throw new RangeError(`${sec} s is not a duration.`);
  let seconds = Math.trunc(sec);
  let nanos = Math.round((sec - seconds) * NANOS_PER_SEC);
  if (Math.abs(nanos) === NANOS_PER_SEC) {
    seconds += Math.sign(nanos);
    nanos = 0;
  }
  // No negative zero: it is not equal to the zero that comes out of a decoded message.
  return { seconds: seconds + 0, nanos: nanos + 0 };
}

/** Seconds of a Duration; the number nearest to it. */
export function durationToSec({ seconds, nanos }: Duration): number {
  if (Math.abs(seconds) < 2 ** 22) return (seconds * NANOS_PER_SEC + nanos) / NANOS_PER_SEC;
  return seconds + nanos / NANOS_PER_SEC;
}
