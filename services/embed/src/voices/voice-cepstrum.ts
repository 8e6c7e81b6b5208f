import { applyMelBank, createRealFft, triangularMelBank } from '@avd/dsp';
import { CEPSTRUM_COUNT } from './voice-frames.js';

const WINDOW_SAMPLES = 400;
const FFT_SIZE = 512;
const BAND_COUNT = 40;
const PRE_EMPHASIS = 0.97;
/** Keeps digital silence finite; far below any recorded sound. */
const POWER_FLOOR = 1e-8;

/** Samples of the analysis window before and after the first sample of the frame (160 samples, window centred on it). */
export const CEPSTRUM_BEFORE_SAMPLES = 120;
export const CEPSTRUM_AFTER_SAMPLES = WINDOW_SAMPLES - CEPSTRUM_BEFORE_SAMPLES;

/** Mel cepstrum of single frames; holds tables and scratch space. */
export interface CepstrumAnalyzer {
  /**
   * Cepstrum of the frame whose first sample is `samples[position]`.
   * @param samples in [-1, 1]; 120 samples before the position and 280 from it on must exist
   * @param out c1 .. c19 (orthonormal DCT-II of 40 log mel energies, 60-7600 Hz)
   * @returns ln of the mean square of the window
   */
  analyze(samples: Float32Array, position: number, out: Float64Array): number;
}

/** Makes an analyzer for 16 kHz sound. */
export function createCepstrumAnalyzer(): CepstrumAnalyzer {
  const fft = createRealFft(FFT_SIZE);
  const bank = triangularMelBank({
    bandCount: BAND_COUNT,
    fftSize: FFT_SIZE,
    sampleRateHz: 16_000,
    lowHz: 60,
    highHz: 7600,
  });
  const window = Float64Array.from(
    { length: WINDOW_SAMPLES },
    (_, i) => 0.54 - 0.46 * Math.cos((2 * Math.PI * i) / (WINDOW_SAMPLES - 1)),
  );
  const cosines = cosineTable();
  const frame = new Float64Array(FFT_SIZE);
  const power = new Float64Array(fft.binCount);
  const logMel = new Float64Array(BAND_COUNT);
  return {
    analyze(samples, position, out) {
      const start = position - CEPSTRUM_BEFORE_SAMPLES;
      let mean = 0;
      for (let i = 0; i < WINDOW_SAMPLES; i++) mean += samples[start + i]!;
      mean /= WINDOW_SAMPLES;
      let energy = 0;
      let previous = 0;
      for (let i = 0; i < WINDOW_SAMPLES; i++) {
        const x = samples[start + i]! - mean;
        energy += x * x;
        frame[i] = (x - PRE_EMPHASIS * previous) * window[i]!;
        previous = x;
      }
      fft.power(frame, power);
      applyMelBank(bank, power, logMel);
      for (let band = 0; band < BAND_COUNT; band++)
        logMel[band] = Math.log(logMel[band]! + POWER_FLOOR);
      for (let k = 0; k < CEPSTRUM_COUNT; k++) {
        let sum = 0;
        for (let band = 0; band < BAND_COUNT; band++)
          sum += cosines[k * BAND_COUNT + band]! * logMel[band]!;
        out[k] = sum;
      }
      return Math.log(energy / WINDOW_SAMPLES + 1e-9);
    },
  };
}

/** Rows 1 .. 19 of the orthonormal DCT-II, shape (19, 40). */
function cosineTable(): Float64Array {
  const table = new Float64Array(CEPSTRUM_COUNT * BAND_COUNT);
  for (let k = 0; k < CEPSTRUM_COUNT; k++) {
    for (let band = 0; band < BAND_COUNT; band++) {
      table[k * BAND_COUNT + band] =
        Math.sqrt(2 / BAND_COUNT) *
        Math.cos((Math.PI * (k + 1) * (2 * band + 1)) / (2 * BAND_COUNT));
    }
  }
  return table;
}
