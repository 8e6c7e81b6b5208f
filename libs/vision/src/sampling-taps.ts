// Arrays are indexed with `!`: all indexes are below the lengths set when the arrays are made.

/** The weights of one target position and its padding add up to this: products of two times a byte fit into 32 bits. */
export const TAP_WEIGHT_ONE = 2048;

/** Place for this many taps at every target position; those not needed have weight 0. */
export const MAX_TAPS = 4;

/** Up to this many source pixels per target pixel the nearest two are mixed; above, evenly spaced ones are averaged. */
const MAX_BILINEAR_STEP = 2;
/** Above this the average takes four pixels instead of two. */
const MAX_TWO_TAP_STEP = 8;

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
    this.tapCount = step > MAX_TWO_TAP_STEP ? MAX_TAPS : 2;
    // Continuous coordinates: pixel p covers [p, p + 1). Bilinear is an average over one pixel around the centre.
    for (let t = 0; t < targetSize; t++) {
      if (step > MAX_BILINEAR_STEP) this.#spread(t, from + t * step, step, sourceSize);
      else this.#mixNearest(t, from + (t + 0.5) * step - 0.5, sourceSize);
    }
  }

  /** The two pixels touched by [low, low + 1), by the share they have in it. */
  #mixNearest(t: number, low: number, sourceSize: number): void {
    const first = Math.floor(low);
    const weight = Math.round((first + 1 - low) * TAP_WEIGHT_ONE);
    this.#put(t, 0, first, weight, sourceSize);
    this.#put(t, 1, first + 1, TAP_WEIGHT_ONE - weight, sourceSize);
  }

  /** The pixels in the middle of the halves or quarters of [low, low + length). */
  #spread(t: number, low: number, length: number, sourceSize: number): void {
    for (let tap = 0; tap < this.tapCount; tap++) {
      const position = Math.floor(low + ((tap + 0.5) * length) / this.tapCount);
      this.#put(t, tap, position, TAP_WEIGHT_ONE / this.tapCount, sourceSize);
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
  }
}
