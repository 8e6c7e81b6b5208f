import type { Weights } from '../checkpoint/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { readBatchNorm, readKernel } from './kernel.js';
import type { Kernel } from './kernel.js';
import { channelAffine, concat, conv, convRelu, linear, relu } from './layers.js';
import type { ConvOptions } from './layers.js';
import type { InnerValue, NetworkGraph } from './network-graph.js';
import { melEnergies, padTime } from './spectrum.js';

const FFT_SIZE = 512;
const WINDOW_SAMPLES = 400;
const HOP_SAMPLES = 160;
const BANDS = 64;
const LOG_OFFSET = 1e-6;
const INSTANCE_NORM_EPSILON = 1e-5;
const PAD_1: ConvOptions = { pads: [1, 1] };
const STAGES = [
  { blocks: 3, channels: 32 },
  { blocks: 4, channels: 64 },
  { blocks: 6, channels: 128 },
  { blocks: 3, channels: 256 },
];
const REDUCTION = 8;
/** Channels times mel rows behind the last stage. */
const POOLED_ROWS = 256 * 8;
const MIN_VARIANCE = 1e-5;

/**
 * ResNetSE34V2 (Heo et al. 2020, arXiv 2009.14153) with attentive statistics pooling, 512 outputs, with its front end,
 * as `ResNetSE34V2` of av-diarization.
 *
 * Input `samples`: float32 (batch, samples), 16 kHz mono in [-1, 1), at least 401 samples; trained on 2 s. Output
 * `embedding`: float32 (batch, 512).
 */
export async function resnetseGraph(weights: Weights): Promise<NetworkGraph> {
  const graph = new GraphBuilder('resnetse34v2');
  const innerValues: Record<string, InnerValue> = {};
  const features = await frontEnd(graph, weights, innerValues);

  let x = relu(
    graph,
    conv(graph, features, await readConv(weights, 'conv1', [32, 1, 3, 3]), PAD_1),
  );
  x = channelAffine(graph, x, await readBatchNorm(weights, 'bn1', 32));
  let channels = 32;
  for (const [stage, { blocks, channels: outputs }] of STAGES.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      x = await squeezeExciteBlock(graph, weights, x, {
        name: `layer${stage + 1}.${block}`,
        inputs: channels,
        outputs,
        stride,
      });
      channels = outputs;
    }
    innerValues[`layer${stage + 1}`] = { value: x, rank: 4 };
  }

  const rows = graph.node('Reshape', [x, graph.int64s([0, POOLED_ROWS, -1])]);
  const pooled = await attentiveStatistics(graph, weights, rows, innerValues);
  const last = await readConv(weights, 'fc', [512, 2 * POOLED_ROWS]);
  graph.node('Identity', [linear(graph, pooled, last)], {}, ['embedding']);
  graph.output({ name: 'embedding', type: 'float32', dims: ['batch', 512] });
  return { graph, innerValues };
}

function readConv(weights: Weights, name: string, dims: readonly number[]): Promise<Kernel> {
  return readKernel(weights, name, dims, { hasBias: true });
}

/**
 * Sound to normalised log mel energies, (batch, 1, 64, pieces). Filter, window and mel matrix stand in the checkpoint:
 * they are constants, but those the network was trained with.
 */
async function frontEnd(
  graph: GraphBuilder,
  weights: Weights,
  innerValues: Record<string, InnerValue>,
): Promise<string> {
  const window = await weights.read('torchfb.1.spectrogram.window', [WINDOW_SAMPLES]);
  const mel = await weights.read('torchfb.1.mel_scale.fb', [FFT_SIZE / 2 + 1, BANDS]);
  const filter = await weights.read('torchfb.0.flipped_filter', [1, 1, 2]);
  const samples = graph.input({ name: 'samples', type: 'float32', dims: ['batch', 'samples'] });
  const channel = graph.node('Unsqueeze', [samples, graph.int64s([1])]);
  const emphasised = conv(graph, padTime(graph, channel, 1, 0, 'reflect'), {
    weight: filter,
    dims: [1, 1, 2],
  });
  // The window lies in the middle of the transform: its zeros on both sides need no padding.
  const padded = padTime(graph, emphasised, WINDOW_SAMPLES / 2, WINDOW_SAMPLES / 2, 'reflect');
  const { squares, energies } = melEnergies(graph, padded, window, mel, {
    fftSize: FFT_SIZE,
    hopSamples: HOP_SAMPLES,
  });
  const log = graph.node('Log', [graph.node('Add', [energies, graph.floats([LOG_OFFSET], [])])]);
  const normed = graph.node(
    'InstanceNormalization',
    [log, graph.floats(Array<number>(BANDS).fill(1)), graph.floats(Array<number>(BANDS).fill(0))],
    { epsilon: { float: INSTANCE_NORM_EPSILON } },
  );
  innerValues['preemph'] = { value: emphasised, rank: 3 };
  innerValues['squares'] = { value: squares, rank: 3 };
  innerValues['mel'] = { value: energies, rank: 3 };
  innerValues['logmel'] = { value: log, rank: 3 };
  innerValues['inorm'] = { value: normed, rank: 3 };
  return graph.node('Unsqueeze', [normed, graph.int64s([1])]);
}

interface BlockOptions {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

async function squeezeExciteBlock(
  graph: GraphBuilder,
  weights: Weights,
  input: string,
  { name, inputs, outputs, stride }: BlockOptions,
): Promise<string> {
  const strides = [stride, stride];
  const first = await readKernel(weights, `${name}.conv1`, [outputs, inputs, 3, 3]);
  let x = convRelu(graph, input, first, { ...PAD_1, strides });
  x = channelAffine(graph, x, await readBatchNorm(weights, `${name}.bn1`, outputs));
  const second = await readKernel(weights, `${name}.conv2`, [outputs, outputs, 3, 3], {
    batchNorm: `${name}.bn2`,
  });
  x = conv(graph, x, second, PAD_1);

  const squeezed = outputs / REDUCTION;
  const asConv = (kernel: Kernel): Kernel => ({ ...kernel, dims: [...kernel.dims, 1, 1] });
  const down = await readConv(weights, `${name}.se.fc.0`, [squeezed, outputs]);
  const up = await readConv(weights, `${name}.se.fc.2`, [outputs, squeezed]);
  const mean = graph.node('GlobalAveragePool', [x]);
  const gate = conv(graph, convRelu(graph, mean, asConv(down)), asConv(up));
  x = graph.node('Mul', [x, graph.node('Sigmoid', [gate])]);

  if (stride === 1) return relu(graph, graph.node('Add', [x, input]));
  const shortcut = await readKernel(weights, `${name}.downsample.0`, [outputs, inputs, 1, 1], {
    batchNorm: `${name}.downsample.1`,
  });
  return relu(graph, graph.node('Add', [x, conv(graph, input, shortcut, { strides })]));
}

/** Weighted mean and deviation over time: (batch, rows, time) -> (batch, 2 * rows). */
async function attentiveStatistics(
  graph: GraphBuilder,
  weights: Weights,
  x: string,
  innerValues: Record<string, InnerValue>,
): Promise<string> {
  const down = await readConv(weights, 'attention.0', [128, POOLED_ROWS, 1]);
  const up = await readConv(weights, 'attention.3', [POOLED_ROWS, 128, 1]);
  const hidden = channelAffine(
    graph,
    convRelu(graph, x, down),
    await readBatchNorm(weights, 'attention.2', 128),
  );
  const attention = graph.node('Softmax', [conv(graph, hidden, up)], { axis: { int: 2 } });
  innerValues['attention'] = { value: attention, rank: 3 };
  const weighted = graph.node('Mul', [x, attention]);
  const sumOverTime = (value: string): string =>
    graph.node('ReduceSum', [value, graph.int64s([2])], { keepdims: { int: 0 } });
  const mean = sumOverTime(weighted);
  const meanOfSquares = sumOverTime(graph.node('Mul', [x, weighted]));
  const variance = graph.node('Sub', [meanOfSquares, graph.node('Mul', [mean, mean])]);
  const atLeast = graph.node('Max', [variance, graph.floats([MIN_VARIANCE], [])]);
  return concat(graph, [mean, graph.node('Sqrt', [atLeast])], 1);
}
