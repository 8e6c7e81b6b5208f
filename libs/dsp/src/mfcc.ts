import { createRealFft } from './fft.js';
import { applyMelBank, wholeBinMelBank } from './mel.js';

/** Coefficients in a row. */
export const MFCC_COUNT = 13;
/** Samples from one row to the next: 100 rows a second at 16 kHz. */
export const MFCC_HOP_SAMPLES = 160;
/** Samples a row looks at. */
export const MFCC_WINDOW_SAMPLES = 400;

const SAMPLE_RATE_HZ = 16_000;
const FFT_SIZE = 512;
const BAND_COUNT = 26;
const PRE_EMPHASIS = 0.97;
const LIFTER = 22;

// Scratch space: reused because all calls are synchronous.
const fft = createRealFft(FFT_SIZE);
const bank = wholeBinMelBank({
  bandCount: BAND_COUNT,
  fftSize: FFT_SIZE,
  sampleRateHz: SAMPLE_RATE_HZ,
});
const frame = new Float64Array(FFT_SIZE);
const power = new Float64Array(fft.binCount);
const logEnergies = new Float64Array(BAND_COUNT);
const cosines = lifteredCosines();

/** A part of a signal and its place in it. */
export interface SignalBlock {
  /** 16 kHz mono samples as int16 values. */
  readonly samples: Int16Array;
  /** Index in the signal of the first sample of the block. */
  readonly startSample: number;
  /** Samples of the whole signal. */
  readonly signalSampleCount: number;
}

/** Number of MFCC rows of a signal: none when empty, one up to 400 samples, then one per 160 begun. */
export function mfccRowCount(sampleCount: number): number {
  if (sampleCount <= 0) return 0;
  if (sampleCount <= MFCC_WINDOW_SAMPLES) return 1;
  return 1 + Math.ceil((sampleCount - MFCC_WINDOW_SAMPLES) / MFCC_HOP_SAMPLES);
}

/** Samples [startSample, endSample) of the signal that rows [startRow, endRow) depend on; pre-emphasis needs one before. */
export function mfccSampleRange(
  startRow: number,
  endRow: number,
  signalSampleCount: number,
): { readonly startSample: number; readonly endSample: number } {
  const startSample = Math.max(0, startRow * MFCC_HOP_SAMPLES - 1);
  if (endRow <= startRow) return { startSample, endSample: startSample };
  const endSample = Math.min(
    signalSampleCount,
    (endRow - 1) * MFCC_HOP_SAMPLES + MFCC_WINDOW_SAMPLES,
  );
  return { startSample, endSample: Math.max(startSample, endSample) };
}

/**
 * Mel-frequency cepstral coefficients of a whole signal; column 0 is the log energy of the frame.
 * Equal to python_speech_features 0.6.1 `mfcc(samples, 16000)`; tolerance 1e-6.
 * @param samples 16 kHz mono, int16 values (not scaled), shape (numSamples)
 * @returns shape (mfccRowCount(numSamples), 13)
 */
export function mfcc(samples: Int16Array): Float64Array {
  const block = { samples, startSample: 0, signalSampleCount: samples.length };
  return mfccRows(block, 0, mfccRowCount(samples.length));
}

/**
 * Rows [startRow, endRow) of {@link mfcc} of a long signal, bit for bit, from a block that covers
 * `mfccSampleRange(startRow, endRow, signalSampleCount)`.
 * @returns shape (endRow - startRow, 13)
 * @throws RangeError when the block does not cover the samples or the rows do not exist
 */
export function mfccRows(block: SignalBlock, startRow: number, endRow: number): Float64Array {
  const { samples, startSample, signalSampleCount } = block;
  const need = mfccSampleRange(startRow, endRow, signalSampleCount);
  if (startRow < 0 || endRow > mfccRowCount(signalSampleCount)) {
    throw new RangeError(
      `MFCC rows ${startRow}..${endRow} are not in a signal of ${signalSampleCount} samples`,
    );
  }
  if (endRow <= startRow) return new Float64Array(0);
  if (need.startSample < startSample || need.endSample > startSample + samples.length) {
    throw new RangeError(
      `MFCC rows ${startRow}..${endRow} need samples ${need.startSample}..${need.endSample}`,
    );
  }
  const rows = new Float64Array((endRow - startRow) * MFCC_COUNT);
  for (let row = startRow; row < endRow; row++) {
    const frameStart = row * MFCC_HOP_SAMPLES;
    const frameEnd = Math.min(signalSampleCount, frameStart + MFCC_WINDOW_SAMPLES);
    // Zero padding comes after pre-emphasis, so the tail of the frame is plain zeros.
    frame.fill(0, Math.max(0, frameEnd - frameStart));
    let previous = frameStart === 0 ? 0 : samples[frameStart - 1 - startSample]!;
    for (let i = frameStart; i < frameEnd; i++) {
      const sample = samples[i - startSample]!;
      frame[i - frameStart] = sample - PRE_EMPHASIS * previous;
      previous = sample;
    }
    frameToCepstrum(rows, (row - startRow) * MFCC_COUNT);
  }
  return rows;
}

/** Orthonormal DCT-II times the sinusoidal lifter; shape (13, 26). */
function lifteredCosines(): Float64Array {
  const matrix = new Float64Array(MFCC_COUNT * BAND_COUNT);
  for (let n = 0; n < MFCC_COUNT; n++) {
    const lifter = 1 + (LIFTER / 2) * Math.sin((Math.PI * n) / LIFTER);
    const scale = lifter * Math.sqrt((n === 0 ? 1 : 2) / BAND_COUNT);
    for (let band = 0; band < BAND_COUNT; band++) {
      matrix[n * BAND_COUNT + band] =
        scale * Math.cos((Math.PI * n * (2 * band + 1)) / (2 * BAND_COUNT));
    }
  }
  return matrix;
}

/** Cepstrum of the pre-emphasised samples in `frame`. */
function frameToCepstrum(out: Float64Array, offset: number): void {
  fft.power(frame, power);
  let energy = 0;
  for (let bin = 0; bin < power.length; bin++) {
    power[bin] = power[bin]! / FFT_SIZE;
    energy += power[bin]!;
  }
  applyMelBank(bank, power, logEnergies);
  for (let band = 0; band < BAND_COUNT; band++) {
    logEnergies[band] = Math.log(logEnergies[band]! || Number.EPSILON);
  }
  out[offset] = Math.log(energy || Number.EPSILON);
  for (let n = 1; n < MFCC_COUNT; n++) {
    let sum = 0;
    for (let band = 0; band < BAND_COUNT; band++)
      sum += cosines[n * BAND_COUNT + band]! * logEnergies[band]!;
    out[offset + n] = sum;
  }
}
