import type { Weights } from '../checkpoint/index.js';
import { GraphBuilder } from '../onnx/index.js';
import { readKernel } from './kernel.js';
import { bgrPictureInput, conv, convRelu, maxPool, relu } from './layers.js';
import type { InnerValue, NetworkGraph } from './network-graph.js';

const STAGES = [
  { blocks: 3, inner: 64 },
  { blocks: 4, inner: 128 },
  { blocks: 6, inner: 256 },
  { blocks: 3, inner: 512 },
];
/** Outputs of a block for each inner channel. */
const EXPANSION = 4;

/**
 * ResNet-50 trained on VGGFace2 (Cao et al. 2018, arXiv 1710.08092), without its classes, as `vggface.resnet50` of
 * av-diarization. The stride of a block is on its first convolution.
 *
 * Input `image`: uint8 (batch, 224, 224, 3), packed BGR. Output `embedding`: float32 (batch, 2048).
 */
export async function vggfaceGraph(weights: Weights): Promise<NetworkGraph> {
  const graph = new GraphBuilder('vggface-resnet50');
  const innerValues: Record<string, InnerValue> = {};
  const image = bgrPictureInput(graph, 'image', ['batch', 224, 224]);
  const stem = await readKernel(weights, 'conv1', [64, 3, 7, 7], { batchNorm: 'bn1' });
  let x = convRelu(graph, image, stem, { strides: [2, 2], pads: [3, 3] });
  x = maxPool(graph, x, [3, 3], { strides: [2, 2] }, true);
  innerValues['maxpool'] = { value: x, rank: 4 };
  let channels = 64;
  for (const [stage, { blocks, inner }] of STAGES.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const name = `layer${stage + 1}.${block}`;
      x = await bottleneck(graph, weights, x, {
        name,
        channels,
        inner,
        stride,
        isFirst: block === 0,
      });
      channels = inner * EXPANSION;
    }
    innerValues[`layer${stage + 1}`] = { value: x, rank: 4 };
  }
  const pooled = graph.node('GlobalAveragePool', [x]);
  graph.node('Flatten', [pooled], { axis: { int: 1 } }, ['embedding']);
  graph.output({ name: 'embedding', type: 'float32', dims: ['batch', channels] });
  return { graph, innerValues };
}

interface BlockOptions {
  readonly name: string;
  readonly channels: number;
  readonly inner: number;
  readonly stride: number;
  /** The first block of a stage changes the shape, so its shortcut needs a convolution. */
  readonly isFirst: boolean;
}

async function bottleneck(
  graph: GraphBuilder,
  weights: Weights,
  input: string,
  { name, channels, inner, stride, isFirst }: BlockOptions,
): Promise<string> {
  const outer = inner * EXPANSION;
  const strides = [stride, stride];
  const read = (layer: string, norm: string, dims: readonly number[]) =>
    readKernel(weights, `${name}.${layer}`, dims, { batchNorm: `${name}.${norm}` });
  const reduce = await read('conv1', 'bn1', [inner, channels, 1, 1]);
  let x = convRelu(graph, input, reduce, { strides });
  x = convRelu(graph, x, await read('conv2', 'bn2', [inner, inner, 3, 3]), { pads: [1, 1] });
  x = conv(graph, x, await read('conv3', 'bn3', [outer, inner, 1, 1]));
  const shortcut = isFirst
    ? conv(graph, input, await read('downsample.0', 'downsample.1', [outer, channels, 1, 1]), {
        strides,
      })
    : input;
  return relu(graph, graph.node('Add', [x, shortcut]));
}
