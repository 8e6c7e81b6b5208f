import type { Weights } from '../checkpoint/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { readKernel } from './kernel.js';
import { concat, conv, convRelu, maxPool, slice, toFloat } from './layers.js';
import { readGruPair } from './gru.js';
import type { InnerValue, NetworkGraph } from './network-graph.js';

const EPSILON = 1e-3;
const BLOCK_CHANNELS = [
  [1, 16, 32],
  [32, 32, 64],
  [64, 64, 128],
] as const;
const EMBEDDING = 128;
const HIDDEN = 64;
const GREY_MEAN = 0.4161;
const GREY_DEVIATION = 0.1688;

/**
 * LR-ASD (Liao et al. 2025), active speaker detection, as published at github.com/Junhua-Liao/LR-ASD.
 *
 * Inputs `frames`: uint8 (batch, frames, 112, 112), grey face crops at 25 frames a second; `mfcc`: float32 (batch,
 * 4 * frames, 13), 100 rows a second. Output `scores`: float32 (batch, frames), above 0 where the face speaks.
 */
export async function lrAsdGraph(weights: Weights): Promise<NetworkGraph> {
  const graph = new GraphBuilder('lr-asd');
  const innerValues: Record<string, InnerValue> = {};
  const parts: Parts = { graph, weights, innerValues };
  const visual = await visualEncoder(parts);
  const audio = await audioEncoder(parts);
  const fused = await gate(parts, 'model.fusion', concat(graph, [audio, visual], 1), 2 * EMBEDDING);
  innerValues['fusion'] = { value: fused, rank: 3 };
  const sequence = await detector(parts, fused);
  const rows = graph.node('Transpose', [sequence], { perm: { ints: [0, 2, 1] } });
  const head = await readKernel(weights, 'lossAV.FC', [2, EMBEDDING], { hasBias: true });
  const logits = conv(graph, sequence, { ...head, dims: [2, EMBEDDING, 1] });
  innerValues['backend'] = { value: rows, rank: 3 };
  innerValues['logits'] = { value: logits, rank: 3 };
  const speaking = graph.constant({ data: BigInt64Array.of(1n), dims: [] });
  graph.node('Gather', [logits, speaking], { axis: { int: 1 } }, ['scores']);
  graph.output({ name: 'scores', type: 'float32', dims: ['batch', 'frames'] });
  return { graph, innerValues };
}

interface Parts {
  readonly graph: GraphBuilder;
  readonly weights: Weights;
  readonly innerValues: Record<string, InnerValue>;
}

/** A convolution, batch norm and ReLU. */
interface Step {
  readonly layer: string;
  readonly norm: string;
  /** In the checkpoint. */
  readonly kernelShape: readonly number[];
  /** Size of the kernel in the graph, where that has fewer axes. */
  readonly size?: readonly [number, number];
  readonly strides?: readonly number[];
  /** It makes half of the outputs of the block. */
  readonly isFirst?: boolean;
}

async function block(
  { graph, weights }: Parts,
  name: string,
  input: string,
  [inputs, half, outputs]: readonly [number, number, number],
  steps: readonly Step[],
): Promise<string> {
  let x = input;
  let channels = inputs;
  for (const { layer, norm, kernelShape, size = kernelShape, strides, isFirst } of steps) {
    const next = isFirst === true ? half : outputs;
    const kernel = await readKernel(weights, `${name}.${layer}`, [next, channels, ...kernelShape], {
      batchNorm: `${name}.${norm}`,
      epsilon: EPSILON,
    });
    const pads = size.map((length) => (length - 1) / 2);
    x = convRelu(
      graph,
      x,
      { ...kernel, dims: [next, channels, ...size] },
      { pads, ...(strides && { strides }) },
    );
    channels = next;
  }
  return x;
}

/**
 * The 3D convolutions of the original see either one frame or one pixel at a time. They are written as 2D ones, which
 * are faster: over (batch * frames, channels, rows, columns) or (batch, channels, frames, pixels).
 * @returns (batch, 128, frames)
 */
async function visualEncoder(parts: Parts): Promise<string> {
  const { graph, innerValues } = parts;
  const input = graph.input({
    name: 'frames',
    type: 'uint8',
    dims: ['batch', 'frames', 112, 112],
  });
  const batchAndFrames = slice(graph, graph.node('Shape', [input]), 0, 0, 2);
  const grey = graph.node('Reshape', [toFloat(graph, input), graph.int64s([-1, 1, 112, 112])]);
  const scaled = graph.node('Mul', [grey, graph.floats([1 / (255 * GREY_DEVIATION)], [])]);
  let x = graph.node('Add', [scaled, graph.floats([-GREY_MEAN / GREY_DEVIATION], [])]);
  for (const [i, channels] of BLOCK_CHANNELS.entries()) {
    const name = `model.visualEncoder.block${i + 1}`;
    const [, , outputs] = channels;
    const sidePx = 56 >> i;
    const stride = i === 0 ? 2 : 1;
    x = await block(parts, name, x, channels, [
      {
        layer: 's_1',
        norm: 's_norm_1',
        kernelShape: [1, 5, 5],
        size: [5, 5],
        strides: [stride, stride],
        isFirst: true,
      },
      { layer: 's_2', norm: 's_norm_2', kernelShape: [1, 3, 3], size: [3, 3] },
    ]);
    x = regroup(graph, x, batchAndFrames, [outputs, sidePx * sidePx]);
    x = await block(
      parts,
      name,
      x,
      [outputs, outputs, outputs],
      [
        { layer: 't_1', norm: 't_norm_1', kernelShape: [5, 1, 1], size: [5, 1] },
        { layer: 't_2', norm: 't_norm_2', kernelShape: [3, 1, 1], size: [3, 1] },
      ],
    );
    if (i === 2) break;
    const frames = graph.node('Transpose', [x], { perm: { ints: [0, 2, 1, 3] } });
    x = graph.node('Reshape', [frames, graph.int64s([-1, outputs, sidePx, sidePx])]);
    x = maxPool(graph, x, [3, 3], { strides: [2, 2], pads: [1, 1] });
    innerValues[`visual_pool${i + 1}`] = { value: x, rank: 4 };
  }
  innerValues['visual_block3'] = { value: x, rank: 4 };
  const embedding = graph.node('ReduceMax', [x], { axes: { ints: [3] }, keepdims: { int: 0 } });
  innerValues['visual_embedding'] = { value: embedding, rank: 3 };
  return embedding;
}

/** (batch * frames, channels, rows, columns) -> (batch, channels, frames, pixels) */
function regroup(
  graph: GraphBuilder,
  input: string,
  batchAndFrames: string,
  channelsAndPixels: readonly [number, number],
): string {
  const shape = concat(graph, [batchAndFrames, graph.int64s(channelsAndPixels)], 0);
  const frames = graph.node('Reshape', [input, shape]);
  return graph.node('Transpose', [frames], { perm: { ints: [0, 2, 1, 3] } });
}

/** @returns (batch, 128, frames) */
async function audioEncoder(parts: Parts): Promise<string> {
  const { graph, innerValues } = parts;
  const input = graph.input({ name: 'mfcc', type: 'float32', dims: ['batch', 'rows', 13] });
  const channel = graph.node('Unsqueeze', [input, graph.int64s([1])]);
  let x = graph.node('Transpose', [channel], { perm: { ints: [0, 1, 3, 2] } });
  for (const [i, channels] of BLOCK_CHANNELS.entries()) {
    const name = `model.audioEncoder.block${i + 1}`;
    x = await block(parts, name, x, channels, [
      { layer: 'm_1', norm: 'm_norm_1', kernelShape: [5, 1], isFirst: true },
      { layer: 'm_2', norm: 'm_norm_2', kernelShape: [3, 1] },
      { layer: 't_1', norm: 't_norm_1', kernelShape: [1, 5] },
      { layer: 't_2', norm: 't_norm_2', kernelShape: [1, 3] },
    ]);
    if (i === 2) break;
    x = maxPool(graph, x, [1, 3], { strides: [1, 2], pads: [0, 1] });
    innerValues[`audio_pool${i + 1}`] = { value: x, rank: 4 };
  }
  innerValues['audio_block3'] = { value: x, rank: 4 };
  const embedding = graph.node('ReduceMean', [x], { axes: { ints: [2] }, keepdims: { int: 0 } });
  innerValues['audio_embedding'] = { value: embedding, rank: 3 };
  return embedding;
}

/** Channels multiplied by a number between 0 and 1 which depends on all of them. */
async function gate(
  { graph, weights }: Parts,
  name: string,
  input: string,
  channels: number,
): Promise<string> {
  const kernel = await readKernel(weights, `${name}.attention`, [channels, channels, 1], {
    batchNorm: `${name}.bn`,
    epsilon: EPSILON,
  });
  return graph.node('Mul', [input, graph.node('Sigmoid', [conv(graph, input, kernel)])]);
}

/** @returns (batch, 128, frames): first half from the GRU in time order, second half from the one against it */
async function detector(parts: Parts, input: string): Promise<string> {
  const { graph, weights, innerValues } = parts;
  const gru = await readGruPair(
    weights,
    ['model.detector.gru_forward', 'model.detector.gru_backward'],
    {
      inputs: 2 * EMBEDDING,
      hidden: HIDDEN,
    },
  );
  const timeFirst = graph.node('Transpose', [input], { perm: { ints: [2, 0, 1] } });
  const states = graph.node('GRU', [timeFirst, ...gru.map((tensor) => graph.constant(tensor))], {
    direction: { string: 'bidirectional' },
    hidden_size: { int: HIDDEN },
    linear_before_reset: { int: 1 },
  });
  // (frames, directions, batch, hidden) -> (batch, directions * hidden, frames)
  const channels = graph.node('Transpose', [states], { perm: { ints: [2, 1, 3, 0] } });
  const joined = graph.node('Reshape', [channels, graph.int64s([0, 2 * HIDDEN, -1])]);
  innerValues['gru'] = { value: joined, rank: 3 };
  return gate(parts, 'model.detector.attention', joined, 2 * HIDDEN);
}
