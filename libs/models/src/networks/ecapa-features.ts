import type { GraphBuilder } from '../onnx/index.js';
import type { InnerValue } from './network-graph.js';
import { hammingWindow, melEnergies, paddedSignal } from './spectrum.js';

const SAMPLE_RATE_HZ = 16000;
const FFT_SIZE = 400;
const HOP_SAMPLES = 160;
const BANDS = 80;
const MIN_ENERGY = 1e-10;
/** Quieter than this below the loudest moment is raised. */
const RANGE_DB = 80;
const DB_PER_NEPER = 10 / Math.LN10;

/**
 * Filter bank of SpeechBrain's ECAPA (`Fbank`, then mean over time subtracted).
 * @param samples name of the value (batch, samples)
 * @returns name of the value (batch, 80, pieces)
 */
export function ecapaFeatures(
  graph: GraphBuilder,
  samples: string,
  innerValues: Record<string, InnerValue>,
): string {
  const padded = paddedSignal(graph, samples, FFT_SIZE / 2, 'constant');
  const { squares, energies } = melEnergies(
    graph,
    padded,
    hammingWindow(FFT_SIZE),
    symmetricMelMatrix(),
    { fftSize: FFT_SIZE, hopSamples: HOP_SAMPLES },
  );
  const floored = graph.node('Max', [energies, graph.floats([MIN_ENERGY], [])]);
  const decibels = graph.node('Mul', [
    graph.node('Log', [floored]),
    graph.floats([DB_PER_NEPER], []),
  ]);
  const loudest = graph.node('ReduceMax', [decibels], {
    axes: { ints: [1, 2] },
    keepdims: { int: 1 },
  });
  const quietest = graph.node('Sub', [loudest, graph.floats([RANGE_DB], [])]);
  const features = graph.node('Max', [decibels, quietest]);
  const mean = graph.node('ReduceMean', [features], { axes: { ints: [2] }, keepdims: { int: 1 } });
  const normed = graph.node('Sub', [features, mean]);
  innerValues['squares'] = { value: squares, rank: 3 };
  innerValues['fbank'] = { value: features, rank: 3 };
  innerValues['fbank_norm'] = { value: normed, rank: 3 };
  return normed;
}

/**
 * Mel filters of SpeechBrain: both sides of a triangle are as wide as its left one, where others let the right side end
 * at the next but one frequency. Equal to its matrix within 3e-5 (which computes in float32).
 * @returns shape (201 bins, 80 bands)
 */
export function symmetricMelMatrix(): Float32Array {
  const highMel = 2595 * Math.log10(1 + SAMPLE_RATE_HZ / 2 / 700);
  const pointHz = (i: number): number => 700 * (10 ** ((highMel * i) / (BANDS + 1) / 2595) - 1);
  const bins = FFT_SIZE / 2 + 1;
  const matrix = new Float32Array(bins * BANDS);
  for (let band = 0; band < BANDS; band++) {
    const centreHz = pointHz(band + 1);
    const widthHz = centreHz - pointHz(band);
    for (let bin = 0; bin < bins; bin++) {
      const hz = (bin * SAMPLE_RATE_HZ) / FFT_SIZE;
      matrix[bin * BANDS + band] = Math.max(0, 1 - Math.abs(hz - centreHz) / widthHz);
    }
  }
  return matrix;
}
