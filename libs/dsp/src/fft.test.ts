import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRealFft } from './fft.js';

/** The definition, in O(N^2). */
function slowDft(signal: Float64Array): { re: Float64Array; im: Float64Array } {
  const bins = signal.length / 2 + 1;
  const re = new Float64Array(bins);
  const im = new Float64Array(bins);
  for (let k = 0; k < bins; k++) {
    signal.forEach((value, n) => {
      const angle = (-2 * Math.PI * ((k * n) % signal.length)) / signal.length;
      re[k]! += value * Math.cos(angle);
      im[k]! += value * Math.sin(angle);
    });
  }
  return { re, im };
}

const largestDifference = (a: Float64Array, b: Float64Array): number =>
  a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);

describe('createRealFft', () => {
  it('agrees with the definition for any signal and length', () => {
    const signals = fc.integer({ min: 2, max: 9 }).chain((bits) =>
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), {
        minLength: 1 << bits,
        maxLength: 1 << bits,
      }),
    );
    fc.assert(
      fc.property(signals, (values) => {
        const signal = Float64Array.from(values);
        const fft = createRealFft(signal.length);
        const re = new Float64Array(fft.binCount);
        const im = new Float64Array(fft.binCount);
        fft.transform(signal, re, im);
        const expected = slowDft(signal);
        expect(largestDifference(re, expected.re)).toBeLessThan(1e-11);
        expect(largestDifference(im, expected.im)).toBeLessThan(1e-11);
      }),
      { numRuns: 60 },
    );
  });

  it('puts a pure cosine into its own bin only', () => {
    const fft = createRealFft(512);
    const power = new Float64Array(fft.binCount);
    fft.power(
      Float64Array.from({ length: 512 }, (_, n) => Math.cos((2 * Math.PI * 37 * n) / 512)),
      power,
    );
    expect(power[37]).toBeCloseTo(256 ** 2, 6);
    power[37] = 0;
    expect(Math.max(...power)).toBeLessThan(1e-18);
  });

  it('leaves its input alone and gives the same bits again', () => {
    const fft = createRealFft(16);
    const signal = Float64Array.from({ length: 16 }, (_, n) => Math.sin(n * n));
    const copy = signal.slice();
    const first = new Float64Array(9);
    const second = new Float64Array(9);
    fft.power(signal, first);
    fft.power(signal, second);
    expect(signal).toEqual(copy);
    expect(second).toEqual(first);
  });

  it.each([0, 2, 3, 12, 400, -8, 1.5])('refuses the length %d', (size) => {
    expect(() => createRealFft(size)).toThrow(RangeError);
  });
});
