// Arrays are indexed with `!`: all indexes are below the lengths set when the arrays are made.

/** The weights of one target position and its padding add up to this: two mixes of a byte fit into 32 bits. */
export const TAP_WEIGHT_ONE = 2048;

/** Place for this many taps at every target position; those not needed have weight 0. */
export const MAX_TAPS = 4;

/** Above this many source pixels per target pixel the pixels are averaged; below, the nearest two are mixed. */
const MAX_BILINEAR_STEP = 2;
/** Above this an average does not take every pixel but four, evenly spaced: large frames cost no more than small ones. */
const MAX_DENSE_STEP = MAX_TAPS - 1;

/**
 * For every target position along one axis: which source positions it is mixed from, with which weights.
 * Positions outside of the source count as padding. Reused from call to call.
 */
export class SamplingTaps {
  /** Taps of target t start at t * MAX_TAPS; all positions are inside of the source. */
  readonly positions: Int32Array;
  readonly weights: Int32Array;
  readonly padWeight: Int32Array;
  /** Only the first so many taps of a target are used by this fill. */
  tapCount = MAX_TAPS;
  /** All positions used are in [start, end). */
  start = 0;
  end = 0;

  constructor(targetSize: number) {
    this.positions = new Int32Array(targetSize * MAX_TAPS);
    this.weights = new Int32Array(targetSize * MAX_TAPS);
    this.padWeight = new Int32Array(targetSize);
  }

  /** @param from,size span of the source which fills the target, in source pixels; need not be whole */
  fill(from: number, size: number, sourceSize: number): void {
    const targetSize = this.padWeight.length;
    const step = size / targetSize;
    this.weights.fill(0);
    this.padWeight.fill(TAP_WEIGHT_ONE);
    this.tapCount = step > MAX_BILINEAR_STEP ? MAX_TAPS : 2;
    this.start = sourceSize;
    this.end = 0;
    // Continuous coordinates: pixel p covers [p, p + 1). Bilinear is an average over one pixel around the centre.
    const length = step > MAX_BILINEAR_STEP ? step : 1;
    for (let t = 0; t < targetSize; t++) {
      const low = from + (t + 0.5) * step - length / 2;
      if (length > MAX_DENSE_STEP) this.#spread(t, low, length, sourceSize);
      else this.#cover(t, low, length, sourceSize);
    }
    if (this.end === 0) this.start = 0;
  }

  /** Every pixel touched by [low, low + length), by the share it has in it. */
  #cover(t: number, low: number, length: number, sourceSize: number): void {
    const first = Math.floor(low);
    // Rounding the running sum instead of each weight keeps the total exact.
    let covered = 0;
    for (let tap = 0; tap < this.tapCount; tap++) {
      const share = Math.min((first + tap + 1 - low) / length, 1);
      const next = Math.round(share * TAP_WEIGHT_ONE);
      this.#put(t, tap, first + tap, next - covered, sourceSize);
      covered = next;
    }
  }

  /** The pixels in the middle of the quarters of [low, low + length). */
  #spread(t: number, low: number, length: number, sourceSize: number): void {
    for (let tap = 0; tap < MAX_TAPS; tap++) {
      const position = Math.floor(low + ((tap + 0.5) * length) / MAX_TAPS);
      this.#put(t, tap, position, TAP_WEIGHT_ONE / MAX_TAPS, sourceSize);
    }
  }

  #put(t: number, tap: number, position: number, weight: number, sourceSize: number): void {
    const at = t * MAX_TAPS + tap;
    if (position < 0 || position >= sourceSize || weight === 0) {
      this.positions[at] = 0;
      return;
    }
    this.positions[at] = position;
    this.weights[at] = weight;
    this.padWeight[t]! -= weight;
    if (position < this.start) this.start = position;
    if (position >= this.end) this.end = position + 1;
  }
}
