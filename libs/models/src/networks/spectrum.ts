import type { GraphBuilder } from '../onnx/index.js';
import type { Kernel } from './kernel.js';
import { conv } from './layers.js';

/** Periodic Hamming window, as torch.hamming_window makes it. */
export function hammingWindow(lengthSamples: number): Float64Array {
  return Float64Array.from(
    { length: lengthSamples },
    (_, n) => 0.54 - 0.46 * Math.cos((2 * Math.PI * n) / lengthSamples),
  );
}

/**
 * Discrete Fourier transform of windowed pieces of a signal as a convolution: the cosine part of every bin, then
 * the sine part of every bin.
 * @param window of at most fftSize samples
 */
export function fourierKernel(window: ArrayLike<number>, fftSize: number): Kernel {
  const bins = fftSize / 2 + 1;
  const weight = new Float32Array(2 * bins * window.length);
  for (let bin = 0; bin < bins; bin++) {
    for (let n = 0; n < window.length; n++) {
      // The remainder keeps the angle small, and so the sine exact.
      const angle = (2 * Math.PI * ((bin * n) % fftSize)) / fftSize;
      weight[bin * window.length + n] = window[n]! * Math.cos(angle);
      weight[(bins + bin) * window.length + n] = -window[n]! * Math.sin(angle);
    }
  }
  return { weight, dims: [2 * bins, 1, window.length] };
}

/**
 * Mel energies of short pieces of sound; piece t is centred on sample t * hopSamples.
 * @param signal value of shape (batch, 1, samples), already padded by half of the window on both sides
 * @param melWeights shape (bins, bands)
 * @returns `squares`: shape (batch, 2 * bins, pieces), squared cosine and sine parts, which add up to the power;
 *   `energies`: shape (batch, bands, pieces)
 */
export function melEnergies(
  graph: GraphBuilder,
  signal: string,
  window: ArrayLike<number>,
  melWeights: Float32Array,
  options: { readonly fftSize: number; readonly hopSamples: number },
): { readonly squares: string; readonly energies: string } {
  const { fftSize, hopSamples } = options;
  const parts = conv(graph, signal, fourierKernel(window, fftSize), { strides: [hopSamples] });
  const squares = graph.node('Mul', [parts, parts]);
  return { squares, energies: conv(graph, squares, powerKernel(melWeights, fftSize / 2 + 1)) };
}

/** Mel filters over the squared cosine and sine parts alike, so that the two are added on the way. */
function powerKernel(melWeights: Float32Array, bins: number): Kernel {
  const bands = melWeights.length / bins;
  const weight = new Float32Array(bands * 2 * bins);
  for (let band = 0; band < bands; band++) {
    for (let bin = 0; bin < bins; bin++) {
      const value = melWeights[bin * bands + band]!;
      weight[band * 2 * bins + bin] = value;
      weight[band * 2 * bins + bins + bin] = value;
    }
  }
  return { weight, dims: [bands, 2 * bins, 1] };
}

/** A signal of shape (batch, samples) with a channel axis and `padSamples` more samples on both sides. */
export function paddedSignal(
  graph: GraphBuilder,
  signal: string,
  padSamples: number,
  mode: 'reflect' | 'constant',
): string {
  const channel = graph.node('Unsqueeze', [signal, graph.int64s([1])]);
  return padTime(graph, channel, padSamples, padSamples, mode);
}

/** Padding of the last axis of three. */
export function padTime(
  graph: GraphBuilder,
  input: string,
  before: number,
  after: number,
  mode: 'reflect' | 'constant',
): string {
  const pads = graph.int64s([0, 0, before, 0, 0, after]);
  return graph.node('Pad', [input, pads], { mode: { string: mode } });
}
