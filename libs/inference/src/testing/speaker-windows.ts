import type { Model } from '@avd/stage-kit';
import { GoldenCase } from '@avd/testing';
import { readWavSamples } from './golden-inputs.js';

const WINDOW_SAMPLES = 32000;
const HOP_SAMPLES = 3200;

/** Embeddings of every 2 s window of the speech of `networks/speakernet_run`, one after another. */
export async function embedSpeakerWindows(model: Model): Promise<Float32Array> {
  const samples = readWavSamples(new GoldenCase('networks/speakernet_run').file('speech.wav'));
  const rows: number[] = [];
  for (let start = 0; start < samples.length - WINDOW_SAMPLES; start += HOP_SAMPLES) {
    const data = samples.slice(start, start + WINDOW_SAMPLES);
    const outputs = await model.run({ samples: { data, dims: [1, WINDOW_SAMPLES] } });
    rows.push(...(outputs['embedding']!.data as Float32Array));
  }
  return Float32Array.from(rows);
}

/** Sum of the squared cosine parts and sine parts of (1, 2 * bins, pieces): the power, (bins, pieces). */
export function powerOf(squares: Float32Array): Float32Array {
  const half = squares.length / 2;
  return Float32Array.from({ length: half }, (_, i) => squares[i]! + squares[half + i]!);
}

/** The first columns of a row-major matrix. */
export function firstColumns(data: Float32Array, columns: number, keep: number): Float32Array {
  return data.filter((_, i) => i % columns < keep);
}

/** Matrix of `rows` rows with rows and columns exchanged. */
export function transposed(data: Float32Array, rows: number): Float32Array {
  const columns = data.length / rows;
  return data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
