import { createRealFft } from './fft.js';
import { applyMelBank, type MelBank } from './mel.js';

export interface LogMelOptions {
  /** Window weights; at most `fftSize` values, centred in the transform. */
  readonly window: Float64Array;
  readonly hopSamples: number;
  /** A power of two. */
  readonly fftSize: number;
  readonly bank: MelBank;
  /** Added to each band energy before the natural logarithm. */
  readonly logOffset: number;
  /** y[t] = x[t] - preEmphasis x[t-1], with x[-1] = x[1]. @default 0 */
  readonly preEmphasis?: number;
}

/** Hamming window as torch.hamming_window (periodic): 0.54 - 0.46 cos(2 pi n / length). */
export function hammingWindow(lengthSamples: number): Float64Array {
  return Float64Array.from(
    { length: lengthSamples },
    (_, n) => 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / lengthSamples),
  );
}

/**
 * Log mel energies of short sound; frame t is centred on sample t * hopSamples, borders are mirrored.
 * Equal to log(torchaudio.transforms.MelSpectrogram(center=True, pad_mode="reflect")(x) + logOffset); tolerance 1e-3 (float32 there).
 * @param samples mono PCM in [-1, 1], shape (numSamples)
 * @returns natural log, shape (1 + floor(numSamples / hopSamples), bands); nothing for no samples
 */
export function logMelSpectrogram(samples: Float32Array, options: LogMelOptions): Float32Array {
  const { window, hopSamples, bank, logOffset, preEmphasis = 0 } = options;
  if (window.length > options.fftSize || bank.binCount !== (options.fftSize >> 1) + 1) {
    throw new RangeError(
      `window of ${window.length} and bank of ${bank.binCount} bins do not fit FFT size ${options.fftSize}`,
    );
  }
  if (samples.length === 0) return new Float32Array(0);
  const fft = createRealFft(options.fftSize);
  const emphasised = Float64Array.from(
    samples,
    (x, t) => x - preEmphasis * samples[mirror(t - 1, samples.length)]!,
  );
  const frameCount = 1 + Math.floor(samples.length / hopSamples);
  const firstWeight = (options.fftSize - window.length) >> 1;
  const frame = new Float64Array(options.fftSize);
  const power = new Float64Array(fft.binCount);
  const energies = new Float64Array(bank.bandCount);
  const logMel = new Float32Array(frameCount * bank.bandCount);
  for (let t = 0; t < frameCount; t++) {
    const start = t * hopSamples - (options.fftSize >> 1) + firstWeight;
    for (let i = 0; i < window.length; i++) {
      frame[firstWeight + i] = window[i]! * emphasised[mirror(start + i, samples.length)]!;
    }
    fft.power(frame, power);
    applyMelBank(bank, power, energies);
    for (let band = 0; band < bank.bandCount; band++) {
      logMel[t * bank.bandCount + band] = Math.log(energies[band]! + logOffset);
    }
  }
  return logMel;
}

/** Index into a signal continued by mirroring at its first and last sample. */
function mirror(index: number, length: number): number {
  if (length === 1) return 0;
  let folded = index;
  while (folded < 0 || folded >= length) folded = folded < 0 ? -folded : 2 * (length - 1) - folded;
  return folded;
}
