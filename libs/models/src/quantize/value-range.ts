/** Range of the numbers a value takes, for 8 bits. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

const BINS = 2048;

/**
 * Collects the numbers a value takes over many runs. Sizes go into a histogram which widens as larger ones come, so that
 * memory stays the same.
 */
export class RangeObserver {
  #counts = new Float64Array(BINS);
  #width = 0;
  #min = 0;
  #max = 0;
  #total = 0;

  observe(values: Float32Array): void {
    for (const value of values) {
      if (value < this.#min) this.#min = value;
      else if (value > this.#max) this.#max = value;
    }
    const largest = Math.max(this.#max, -this.#min);
    if (largest === 0) return;
    if (this.#width === 0) this.#width = largest / BINS;
    while (largest > this.#width * BINS) this.#widen();
    const perBin = 1 / this.#width;
    for (const value of values) {
      const bin = Math.floor(Math.abs(value) * perBin);
      this.#counts[bin < BINS ? bin : BINS - 1]! += 1;
    }
    this.#total += values.length;
  }

  /**
   * Range that leaves out the largest numbers; contains 0.
   * @param share of the numbers that must be inside, in (0, 1]; 1: smallest to largest
   */
  range(share: number): ValueRange {
    let inside = 0;
    let bin = 0;
    while (bin < BINS && inside < share * this.#total) inside += this.#counts[bin++]!;
    const limit = share >= 1 ? Infinity : bin * this.#width;
    return { min: Math.max(this.#min, -limit), max: Math.min(this.#max, limit) };
  }

  /** Twice as wide bins. */
  #widen(): void {
    const counts = new Float64Array(BINS);
    for (let bin = 0; bin < BINS; bin++) counts[bin >> 1]! += this.#counts[bin]!;
    this.#counts = counts;
    this.#width *= 2;
  }
}
