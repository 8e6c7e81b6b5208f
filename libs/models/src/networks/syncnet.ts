import type { Weights } from '../checkpoint/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { readKernel, reorderInputs } from './kernel.js';
import type { Kernel } from './kernel.js';
import {
  TO_THE_END,
  bgrPictureInput,
  concat,
  convRelu,
  linear,
  maxPool,
  relu,
  slice,
} from './layers.js';
import type { ConvOptions } from './layers.js';
import type { NetworkGraph } from './network-graph.js';

const WINDOW_FRAMES = 5;
const COLOURS = 3;
const PAD_1: ConvOptions = { pads: [1, 1] };

/**
 * Lip tower of SyncNet (Chung and Zisserman 2016), as `forward_lip` of av-diarization.
 *
 * Input `frames`: uint8 (frames, 224, 224, 3), packed BGR face crops at 25 frames a second, at least 5. Output
 * `embeddings`: float32 (frames - 4, 1024); row k belongs to frames k..k+4. So overlapping windows need no copies.
 */
export async function syncnetLipGraph(weights: Weights): Promise<NetworkGraph> {
  const graph = new GraphBuilder('syncnet-lip');
  const layer = async (index: number, dims: readonly number[]): Promise<Kernel> => {
    const kernel = await readTowerKernel(weights, 'netcnnlip', index, dims);
    // Behind the first layer one frame is left of the window: that axis is dropped.
    const [outputs, inputs, , rows, columns] = kernel.dims;
    return { ...kernel, dims: [outputs!, inputs!, rows!, columns!] };
  };
  const frames = bgrPictureInput(graph, 'frames', ['frames', 224, 224]);
  const windows = concat(
    graph,
    Array.from({ length: WINDOW_FRAMES }, (_, t) =>
      slice(graph, frames, 0, t, t === WINDOW_FRAMES - 1 ? TO_THE_END : t - WINDOW_FRAMES + 1),
    ),
    1,
  );
  let x = convRelu(graph, windows, await readWindowKernel(weights), { strides: [2, 2] });
  x = maxPool(graph, x, [3, 3], { strides: [2, 2] });
  x = convRelu(graph, x, await layer(4, [256, 96, 1, 5, 5]), { ...PAD_1, strides: [2, 2] });
  const pool2 = maxPool(graph, x, [3, 3], { strides: [2, 2], pads: [1, 1] });
  x = pool2;
  for (const index of [8, 11, 14]) {
    x = convRelu(graph, x, await layer(index, [256, 256, 1, 3, 3]), PAD_1);
  }
  const pool3 = maxPool(graph, x, [3, 3], { strides: [2, 2] });
  x = convRelu(graph, pool3, await layer(18, [512, 256, 1, 6, 6]));
  const hidden = await head(graph, weights, 'netfclip', x, ['embeddings', 'windows']);
  return {
    graph,
    innerValues: {
      netcnnlip_7: { value: pool2, rank: 4 },
      netcnnlip_17: { value: pool3, rank: 4 },
      netfclip_2: { value: hidden, rank: 2 },
    },
  };
}

/**
 * Audio tower of SyncNet, as `forward_aud` of av-diarization.
 *
 * Input `mfcc`: float32 (windows, 1, 13, 20), 20 steps of 10 ms of 13 coefficients. Output `embeddings`: float32
 * (windows, 1024).
 */
export async function syncnetAudioGraph(weights: Weights): Promise<NetworkGraph> {
  const graph = new GraphBuilder('syncnet-audio');
  const layer = (index: number, dims: readonly number[]): Promise<Kernel> =>
    readTowerKernel(weights, 'netcnnaud', index, dims);
  const input = graph.input({ name: 'mfcc', type: 'float32', dims: ['windows', 1, 13, 20] });
  let x = convRelu(graph, input, await layer(0, [64, 1, 3, 3]), PAD_1);
  x = convRelu(graph, x, await layer(4, [192, 64, 3, 3]), PAD_1);
  const pool2 = maxPool(graph, x, [3, 3], { strides: [1, 2] });
  x = convRelu(graph, pool2, await layer(8, [384, 192, 3, 3]), PAD_1);
  x = convRelu(graph, x, await layer(11, [256, 384, 3, 3]), PAD_1);
  x = convRelu(graph, x, await layer(14, [256, 256, 3, 3]), PAD_1);
  const pool3 = maxPool(graph, x, [3, 3], { strides: [2, 2] });
  const last = convRelu(graph, pool3, await layer(18, [512, 256, 5, 4]));
  const hidden = await head(graph, weights, 'netfcaud', last, ['embeddings', 'windows']);
  return {
    graph,
    innerValues: {
      netcnnaud_7: { value: pool2, rank: 4 },
      netcnnaud_17: { value: pool3, rank: 4 },
      netcnnaud_20: { value: last, rank: 4 },
      netfcaud_2: { value: hidden, rank: 2 },
    },
  };
}

/** The batch norm of convolution i stands at i + 1. */
function readTowerKernel(
  weights: Weights,
  tower: string,
  index: number,
  dims: readonly number[],
): Promise<Kernel> {
  const batchNorm = `${tower}.${index + 1}`;
  return readKernel(weights, `${tower}.${index}`, dims, { hasBias: true, batchNorm });
}

/** First layer of the lip tower: its 5 frames become channels, (frame, colour) instead of (colour, frame). */
async function readWindowKernel(weights: Weights): Promise<Kernel> {
  const kernel = await readTowerKernel(weights, 'netcnnlip', 0, [96, COLOURS, WINDOW_FRAMES, 7, 7]);
  const order = Array.from(
    { length: WINDOW_FRAMES * COLOURS },
    (_, c) => (c % COLOURS) * WINDOW_FRAMES + Math.floor(c / COLOURS),
  );
  return reorderInputs({ ...kernel, dims: [96, COLOURS * WINDOW_FRAMES, 7, 7] }, order);
}

/** @returns the hidden layer */
async function head(
  graph: GraphBuilder,
  weights: Weights,
  name: string,
  input: string,
  [outputName, rowsName]: readonly [string, string],
): Promise<string> {
  const flat = graph.node('Flatten', [input], { axis: { int: 1 } });
  const first = await readKernel(weights, `${name}.0`, [512, 512], {
    hasBias: true,
    batchNorm: `${name}.1`,
  });
  const hidden = relu(graph, linear(graph, flat, first));
  const last = await readKernel(weights, `${name}.3`, [1024, 512], { hasBias: true });
  graph.node('Identity', [linear(graph, hidden, last)], {}, [outputName]);
  graph.output({ name: outputName, type: 'float32', dims: [rowsName, 1024] });
  return hidden;
}
