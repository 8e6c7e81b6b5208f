import type { Weights } from '../checkpoint/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { joinOutputs, readKernel, reorderInputs } from './kernel.js';
import {
  TO_THE_END,
  bgrPictureInput,
  concat,
  conv,
  convRelu,
  maxPool,
  relu,
  slice,
} from './layers.js';
import type { ConvOptions } from './layers.js';
import type { InnerValue, NetworkGraph } from './network-graph.js';
import { conv3x3 } from './conv3x3.js';
import type { GraphForm } from './conv3x3.js';

/** Mean colour which the network was trained with, in the order B, G, R. */
const MEAN_BGR = [104, 117, 123];
/** Added to the norm, so that nothing is divided by zero. */
const NORM_EPSILON = 1e-10;
const PAD_1: ConvOptions = { pads: [1, 1] };
const HALVE: ConvOptions = { strides: [2, 2] };

/**
 * S3FD (Zhang et al. 2017, arXiv 1708.05237), VGG-16 trunk, as `S3FDNet` of av-diarization.
 *
 * Input `image`: uint8 (batch, height, width, 3), packed BGR, any size from 28 pixels a side. Outputs, one row for each
 * place (source 0..5, then row, then column): `loc` float32 (batch, places, 4), offsets of the box against its
 * prior; `scores` float32 (batch, places), probability of a face.
 */
export async function s3fdGraph(
  weights: Weights,
  form: GraphForm = 'plain',
): Promise<NetworkGraph> {
  const graph = new GraphBuilder('s3fd');
  const layer = async (
    name: string,
    input: string,
    dims: readonly number[],
    options: ConvOptions = PAD_1,
  ): Promise<string> =>
    convRelu(graph, input, await readKernel(weights, name, dims, { hasBias: true }), options);
  const vgg = async (
    first: number,
    input: string,
    channels: readonly number[],
  ): Promise<string> => {
    let x = input;
    for (let i = 1; i < channels.length; i++) {
      // Each convolution is followed by its ReLU in the list.
      const name = `vgg.${first + 2 * (i - 1)}`;
      const dims = [channels[i]!, channels[i - 1]!, 3, 3];
      const kernel = await readKernel(weights, name, dims, { hasBias: true });
      x = relu(graph, conv3x3(graph, x, kernel, form));
    }
    return x;
  };
  const normed = async (name: string, input: string, channels: number): Promise<string> => {
    const weight = await weights.read(`${name}.weight`, [channels]);
    const norm = graph.node('ReduceL2', [input], { axes: { ints: [1] }, keepdims: { int: 1 } });
    const divisor = graph.node('Add', [norm, graph.floats([NORM_EPSILON], [])]);
    const unit = graph.node('Div', [input, divisor]);
    const scale = graph.constant({ data: weight, dims: [1, channels, 1, 1] });
    return graph.node('Mul', [unit, scale]);
  };

  const pixels = bgrPictureInput(graph, 'image', ['batch', 'height', 'width']);
  const input = graph.node('Sub', [pixels, graph.floats(MEAN_BGR, [1, 3, 1, 1])]);
  const first = await readKernel(weights, 'vgg.0', [64, 3, 3, 3], { hasBias: true });
  let x = convRelu(graph, input, reorderInputs(first, [2, 1, 0]), PAD_1);
  x = await vgg(2, x, [64, 64]);
  x = maxPool(graph, x, [2, 2], HALVE);
  x = await vgg(5, x, [64, 128, 128]);
  x = maxPool(graph, x, [2, 2], HALVE);
  x = await vgg(10, x, [128, 256, 256, 256]);
  const sources = [await normed('L2Norm3_3', x, 256)];
  x = maxPool(graph, x, [2, 2], HALVE, true);
  x = await vgg(17, x, [256, 512, 512, 512]);
  sources.push(await normed('L2Norm4_3', x, 512));
  x = maxPool(graph, x, [2, 2], HALVE);
  x = await vgg(24, x, [512, 512, 512, 512]);
  sources.push(await normed('L2Norm5_3', x, 512));
  x = maxPool(graph, x, [2, 2], HALVE);
  x = await layer('vgg.31', x, [1024, 512, 3, 3], { pads: [6, 6], dilations: [6, 6] });
  x = await layer('vgg.33', x, [1024, 1024, 1, 1], {});
  sources.push(x);
  x = await layer('extras.0', x, [256, 1024, 1, 1], {});
  x = await layer('extras.1', x, [512, 256, 3, 3], { ...PAD_1, ...HALVE });
  sources.push(x);
  x = await layer('extras.2', x, [128, 512, 1, 1], {});
  x = await layer('extras.3', x, [256, 128, 3, 3], { ...PAD_1, ...HALVE });
  sources.push(x);

  const { loc, logits } = await heads(graph, weights, sources);
  const probabilities = graph.node('Softmax', [logits], { axis: { int: 2 } });
  graph.node('Identity', [loc], {}, ['loc']);
  const faceIndex = graph.constant({ data: BigInt64Array.of(1n), dims: [] });
  graph.node('Gather', [probabilities, faceIndex], { axis: { int: 2 } }, ['scores']);
  graph.output({ name: 'loc', type: 'float32', dims: ['batch', 'places', 4] });
  graph.output({ name: 'scores', type: 'float32', dims: ['batch', 'places'] });

  const innerValues: Record<string, InnerValue> = {
    conf_logits: { value: logits, rank: 3 },
    conf: { value: probabilities, rank: 3 },
  };
  sources.forEach((value, k) => (innerValues[`source${k}`] = { value, rank: 4 }));
  return { graph, innerValues };
}

/** Both heads of a source in one convolution: the box offsets, then the class logits. */
async function heads(
  graph: GraphBuilder,
  weights: Weights,
  sources: readonly string[],
): Promise<{ loc: string; logits: string }> {
  const channels = [256, 512, 512, 1024, 512, 256];
  const locs: string[] = [];
  const logits: string[] = [];
  for (const [k, source] of sources.entries()) {
    const classes = k === 0 ? 4 : 2;
    const inputs = channels[k]!;
    const read = (name: string, outputs: number) =>
      readKernel(weights, `${name}.${k}`, [outputs, inputs, 3, 3], { hasBias: true });
    const kernel = joinOutputs(await read('loc', 4), await read('conf', classes));
    const map = conv(graph, source, kernel, PAD_1);
    const last = graph.node('Transpose', [map], { perm: { ints: [0, 2, 3, 1] } });
    const rows = graph.node('Reshape', [last, graph.int64s([0, -1, 4 + classes])]);
    locs.push(slice(graph, rows, 2, 0, 4));
    const classLogits = slice(graph, rows, 2, 4, TO_THE_END);
    logits.push(k === 0 ? maxOutBackground(graph, classLogits) : classLogits);
  }
  return { loc: concat(graph, locs, 1), logits: concat(graph, logits, 1) };
}

/** Three guesses of the background become one: the largest. */
function maxOutBackground(graph: GraphBuilder, logits: string): string {
  const background = graph.node('ReduceMax', [slice(graph, logits, 2, 0, 3)], {
    axes: { ints: [2] },
    keepdims: { int: 1 },
  });
  return concat(graph, [background, slice(graph, logits, 2, 3, 4)], 2);
}
