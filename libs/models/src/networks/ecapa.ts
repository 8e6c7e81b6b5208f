import type { Weights } from '../checkpoint/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { ecapaFeatures } from './ecapa-features.js';
import { foldInputAffine, readBatchNorm, readKernel, sliceInputs } from './kernel.js';
import type { Kernel } from './kernel.js';
import { channelAffine, concat, conv, convRelu, relu, slice } from './layers.js';
import type { InnerValue, NetworkGraph } from './network-graph.js';

const CHANNELS = 1024;
const BANDS = 80;
const BLOCK_DILATIONS = [2, 3, 4];
const GROUPS = 8;
const GROUP_CHANNELS = CHANNELS / GROUPS;
const SQUEEZED = 128;
const MFA_CHANNELS = 3 * CHANNELS;
const MIN_VARIANCE = 1e-12;

/**
 * ECAPA-TDNN (Desplanques et al. 2020, arXiv 2005.07143) with its filter bank, as `spkrec-ecapa-voxceleb` of
 * SpeechBrain (`encode_batch`, not normalised).
 *
 * Input `samples`: float32 (batch, samples), 16 kHz mono in [-1, 1), at least 640 samples. Output `embedding`: float32
 * (batch, 192).
 */
export async function ecapaGraph(weights: Weights): Promise<NetworkGraph> {
  const graph = new GraphBuilder('ecapa-tdnn');
  const innerValues: Record<string, InnerValue> = {};
  const parts: Parts = { graph, weights };
  const samples = graph.input({ name: 'samples', type: 'float32', dims: ['batch', 'samples'] });
  // Sounds are pictures of one row: onnxruntime has its fast convolutions for two axes only (1.5 times as fast).
  let x = graph.node('Unsqueeze', [ecapaFeatures(graph, samples, innerValues), graph.int64s([2])]);
  x = await tdnn(parts, 'blocks.0', x, [CHANNELS, BANDS, 5]);
  innerValues['block0'] = { value: x, rank: 4 };
  const outputs: string[] = [];
  for (const [i, dilation] of BLOCK_DILATIONS.entries()) {
    x = await seRes2NetBlock(parts, `blocks.${i + 1}`, x, dilation);
    outputs.push(x);
    innerValues[`block${i + 1}`] = { value: x, rank: 4 };
  }
  const joined = await tdnn(parts, 'mfa', concat(graph, outputs, 1), [
    MFA_CHANNELS,
    MFA_CHANNELS,
    1,
  ]);
  innerValues['mfa'] = { value: joined, rank: 4 };
  const pooled = await attentiveStatistics(parts, joined);
  innerValues['asp'] = { value: pooled, rank: 4 };
  const pooledNorm = await readBatchNorm(weights, 'asp_bn.norm', 2 * MFA_CHANNELS);
  const last = await readConv(parts, 'fc.conv', [192, 2 * MFA_CHANNELS, 1]);
  const embedding = conv(graph, pooled, foldInputAffine(last, pooledNorm));
  graph.node('Flatten', [embedding], { axis: { int: 1 } }, ['embedding']);
  graph.output({ name: 'embedding', type: 'float32', dims: ['batch', 192] });
  return { graph, innerValues };
}

interface Parts {
  readonly graph: GraphBuilder;
  readonly weights: Weights;
}

/** A convolution over time. The inner names of a layer repeat the kind: SpeechBrain wraps every layer twice. */
async function readConv(
  { weights }: Parts,
  name: string,
  dims: readonly [number, number, number],
): Promise<Kernel> {
  const kernel = await readKernel(weights, name, dims, { hasBias: true });
  const [outputs, inputs, length] = dims;
  return { ...kernel, dims: [outputs, inputs, 1, length] };
}

/** Convolution with mirrored borders, ReLU, batch norm: in this order, so that the norm stays a step of its own. */
async function tdnn(
  parts: Parts,
  name: string,
  input: string,
  dims: readonly [number, number, number],
  dilation = 1,
): Promise<string> {
  const { graph, weights } = parts;
  const kernel = await readConv(parts, `${name}.conv.conv`, dims);
  const pad = ((dims[2] - 1) * dilation) / 2;
  const padded = pad === 0 ? input : mirrored(graph, input, pad);
  const x = convRelu(graph, padded, kernel, { dilations: [1, dilation] });
  return channelAffine(graph, x, await readBatchNorm(weights, `${name}.norm.norm`, dims[0]));
}

function mirrored(graph: GraphBuilder, input: string, pad: number): string {
  const pads = graph.int64s([0, 0, 0, pad, 0, 0, 0, pad]);
  return graph.node('Pad', [input, pads], { mode: { string: 'reflect' } });
}

async function seRes2NetBlock(
  parts: Parts,
  name: string,
  input: string,
  dilation: number,
): Promise<string> {
  const { graph } = parts;
  let x = await tdnn(parts, `${name}.tdnn1`, input, [CHANNELS, CHANNELS, 1]);
  x = await res2Net(parts, `${name}.res2net_block`, x, dilation);
  x = await tdnn(parts, `${name}.tdnn2`, x, [CHANNELS, CHANNELS, 1]);

  const down = await readConv(parts, `${name}.se_block.conv1.conv`, [SQUEEZED, CHANNELS, 1]);
  const up = await readConv(parts, `${name}.se_block.conv2.conv`, [CHANNELS, SQUEEZED, 1]);
  const mean = graph.node('GlobalAveragePool', [x]);
  const gate = graph.node('Sigmoid', [conv(graph, convRelu(graph, mean, down), up)]);
  return graph.node('Add', [graph.node('Mul', [x, gate]), input]);
}

/** Eight groups of channels, each but the first through a convolution which also sees the group before it. */
async function res2Net(
  parts: Parts,
  name: string,
  input: string,
  dilation: number,
): Promise<string> {
  const { graph } = parts;
  const group = (g: number): string =>
    slice(graph, input, 1, g * GROUP_CHANNELS, (g + 1) * GROUP_CHANNELS);
  const outputs = [group(0)];
  let before: string | undefined;
  for (let g = 1; g < GROUPS; g++) {
    const own = group(g);
    const x: string = before === undefined ? own : graph.node('Add', [own, before]);
    before = await tdnn(
      parts,
      `${name}.blocks.${g - 1}`,
      x,
      [GROUP_CHANNELS, GROUP_CHANNELS, 3],
      dilation,
    );
    outputs.push(before);
  }
  return concat(graph, outputs, 1);
}

/** Weighted mean and deviation over time: (batch, channels, 1, time) -> (batch, 2 * channels, 1, 1). */
async function attentiveStatistics(parts: Parts, x: string): Promise<string> {
  const { graph, weights } = parts;
  const overTime = (op: string, value: string): string =>
    graph.node(op, [value, ...(op === 'ReduceSum' ? [graph.int64s([3])] : [])], {
      ...(op === 'ReduceSum' ? {} : { axes: { ints: [3] } }),
      keepdims: { int: 1 },
    });
  const deviation = (variance: string): string =>
    graph.node('Sqrt', [graph.node('Max', [variance, graph.floats([MIN_VARIANCE], [])])]);
  const squaredDistance = (mean: string): string => {
    const difference = graph.node('Sub', [x, mean]);
    return graph.node('Mul', [difference, difference]);
  };

  const mean = overTime('ReduceMean', x);
  const spread = deviation(overTime('ReduceMean', squaredDistance(mean)));
  // The layer sees (x, mean, spread) of every moment; the last two do not change, so their part is computed once.
  const kernel = await readConv(parts, 'asp.tdnn.conv.conv', [SQUEEZED, 3 * MFA_CHANNELS, 1]);
  const context = conv(graph, concat(graph, [mean, spread], 1), {
    ...sliceInputs(kernel, MFA_CHANNELS, 3 * MFA_CHANNELS),
    ...(kernel.bias && { bias: kernel.bias }),
  });
  const moments = conv(graph, x, sliceInputs(kernel, 0, MFA_CHANNELS));
  const hidden = channelAffine(
    graph,
    relu(graph, graph.node('Add', [moments, context])),
    await readBatchNorm(weights, 'asp.tdnn.norm.norm', SQUEEZED),
  );
  const up = await readConv(parts, 'asp.conv.conv', [MFA_CHANNELS, SQUEEZED, 1]);
  const logits = conv(graph, graph.node('Tanh', [hidden]), up);
  const attention = graph.node('Softmax', [logits], { axis: { int: 3 } });

  const weightedMean = overTime('ReduceSum', graph.node('Mul', [attention, x]));
  const weightedVariance = overTime(
    'ReduceSum',
    graph.node('Mul', [attention, squaredDistance(weightedMean)]),
  );
  return concat(graph, [weightedMean, deviation(weightedVariance)], 1);
}
