/**
 * Fast Fourier transform of real input whose length is a power of two, in float64.
 * One plan holds the tables and scratch space for one length; it is not re-entrant, but calls are synchronous.
 */
export interface RealFft {
  /** Number of real input values N. */
  readonly size: number;
  /** Number of spectrum values, N/2 + 1. */
  readonly binCount: number;
  /**
   * Spectrum of `signal`: X[k] = sum over n of signal[n] * exp(-2 pi i k n / N), not normalised.
   * @param signal N real values; not changed
   * @param re real parts out, N/2 + 1 values
   * @param im imaginary parts out, N/2 + 1 values
   */
  transform(signal: Float64Array, re: Float64Array, im: Float64Array): void;
  /**
   * Power spectrum |X[k]|^2, not normalised.
   * @param signal N real values; not changed
   * @param power out, N/2 + 1 values
   */
  power(signal: Float64Array, power: Float64Array): void;
}

/**
 * Makes a plan for real input of `size` values.
 * @param size a power of two, at least 4
 * @throws RangeError for any other size
 */
export function createRealFft(size: number): RealFft {
  if (!Number.isInteger(size) || size < 4 || (size & (size - 1)) !== 0 || size > 1 << 24) {
    throw new RangeError(`FFT size must be a power of two from 4 to 2^24, got ${size}`);
  }
  // N real values are read as N/2 complex ones (even + i odd), transformed, and split again.
  const half = size >> 1;
  const order = bitReversal(half);
  const cos = new Float64Array(half);
  const sin = new Float64Array(half);
  for (let k = 0; k < half; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / size);
    sin[k] = Math.sin((2 * Math.PI * k) / size);
  }
  const zRe = new Float64Array(half);
  const zIm = new Float64Array(half);
  const spectrumRe = new Float64Array(half + 1);
  const spectrumIm = new Float64Array(half + 1);

  function transform(signal: Float64Array, re: Float64Array, im: Float64Array): void {
    if (signal.length !== size || re.length < half + 1 || im.length < half + 1) {
      throw new RangeError(
        `FFT of ${size} values got ${signal.length} in, ${Math.min(re.length, im.length)} out`,
      );
    }
    for (let i = 0; i < half; i++) {
      const source = order[i]! << 1;
      zRe[i] = signal[source]!;
      zIm[i] = signal[source + 1]!;
    }
    complexFft(zRe, zIm, cos, sin);
    re[0] = zRe[0]! + zIm[0]!;
    im[0] = 0;
    re[half] = zRe[0]! - zIm[0]!;
    im[half] = 0;
    for (let k = 1; k < half; k++) {
      const aRe = zRe[k]!;
      const aIm = zIm[k]!;
      const bRe = zRe[half - k]!;
      const bIm = zIm[half - k]!;
      const oddRe = aIm + bIm;
      const oddIm = bRe - aRe;
      re[k] = 0.5 * (aRe + bRe + oddRe * cos[k]! + oddIm * sin[k]!);
      im[k] = 0.5 * (aIm - bIm + oddIm * cos[k]! - oddRe * sin[k]!);
    }
  }

  return {
    size,
    binCount: half + 1,
    transform,
    power(signal, power) {
      transform(signal, spectrumRe, spectrumIm);
      for (let k = 0; k <= half; k++) {
        power[k] = spectrumRe[k]! * spectrumRe[k]! + spectrumIm[k]! * spectrumIm[k]!;
      }
    },
  };
}

/** In-place radix-2 transform of values already in bit-reversed order; the tables hold angles 2 pi k / (2 * length). */
function complexFft(
  re: Float64Array,
  im: Float64Array,
  cos: Float64Array,
  sin: Float64Array,
): void {
  const length = re.length;
  // First stage: the only factor is 1.
  for (let i = 0; i < length; i += 2) {
    const tRe = re[i + 1]!;
    const tIm = im[i + 1]!;
    re[i + 1] = re[i]! - tRe;
    im[i + 1] = im[i]! - tIm;
    re[i] = re[i]! + tRe;
    im[i] = im[i]! + tIm;
  }
  for (let span = 2; span < length; span <<= 1) {
    const tableStep = length / span;
    for (let start = 0; start < length; start += span << 1) {
      for (let k = 0, table = 0; k < span; k++, table += tableStep) {
        const wRe = cos[table]!;
        const wIm = sin[table]!;
        const low = start + k;
        const high = low + span;
        const hRe = re[high]!;
        const hIm = im[high]!;
        const tRe = hRe * wRe + hIm * wIm;
        const tIm = hIm * wRe - hRe * wIm;
        re[high] = re[low]! - tRe;
        im[high] = im[low]! - tIm;
        re[low] = re[low]! + tRe;
        im[low] = im[low]! + tIm;
      }
    }
  }
}

function bitReversal(length: number): Int32Array {
  const order = new Int32Array(length);
  for (let i = 1; i < length; i++) {
    order[i] = (order[i >> 1]! >> 1) | (i & 1 ? length >> 1 : 0);
  }
  return order;
}
