import type { GraphBuilder } from '../onnx/index.js';
import type { Kernel } from './kernel.js';
import { TO_THE_END, concat, conv, slice } from './layers.js';
import {
  BIAS_POINT,
  INPUT_TRANSFORM,
  KERNEL_TRANSFORM,
  POINTS,
  TILE,
  cutToSizeOf,
  toOutputs,
} from './winograd-transforms.js';

/** Numbers of a tile behind the transform. */
const AREA = POINTS * POINTS;

/**
 * 3x3 convolution with stride 1 and zeros around the picture, by F(4, 3) along rows and columns: a quarter of the
 * multiplications for 4x4 outputs. The transform is a convolution of every channel by itself, the products are a 1x1
 * convolution with a group for each of 36 points. It moves more memory than `winogradRows`, has 4 times the weights of
 * the plain form and rounds a little worse, so it is for layers with many channels.
 *
 * @param input (batch, inputs, height, width), any size
 * @returns (batch, outputs, height, width)
 */
export function winogradTiles(graph: GraphBuilder, input: string, kernel: Kernel): string {
  const [outputs = 0] = kernel.dims;
  const points = transformInput(graph, input, kernel.dims[1]!);
  const products = conv(graph, points, transformKernel(kernel), { groups: AREA });
  const rows = toOutputs(graph, toOutputs(graph, products, 'height'), 'width');
  const tiled = graph.node('Reshape', [rows, graph.int64s([0, outputs, -1, 0])]);
  return cutToSizeOf(graph, tiled, input, [2, 3]);
}

/** (batch, inputs, height, width) -> (batch, 36 * inputs, tile rows, tiles in a row) */
function transformInput(graph: GraphBuilder, input: string, inputs: number): string {
  const planes = graph.node('Reshape', [input, graph.int64s([-1, 1, 0, 0])]);
  const matrix = new Float32Array(AREA * AREA);
  for (let at = 0, point = 0; point < AREA; point++) {
    const down = INPUT_TRANSFORM[Math.floor(point / POINTS)]!;
    const across = INPUT_TRANSFORM[point % POINTS]!;
    for (const y of down) for (const x of across) matrix[at++] = y * x;
  }
  const weights = graph.constant({ data: matrix, dims: [AREA, 1, POINTS, POINTS] });
  // Zeros for a whole tile on the right and below, so that the last pixels are never left out.
  const tiles = graph.node('Conv', [planes, weights], {
    kernel_shape: { ints: [POINTS, POINTS] },
    strides: { ints: [TILE, TILE] },
    pads: { ints: [1, 1, TILE, TILE] },
  });
  const tileCounts = slice(graph, graph.node('Shape', [tiles]), 0, 2, TO_THE_END);
  const shaped = (value: string, ...start: readonly number[]): string =>
    graph.node('Reshape', [value, concat(graph, [graph.int64s(start), tileCounts], 0)]);
  const byPoint = graph.node('Transpose', [shaped(tiles, -1, inputs, AREA)], {
    perm: { ints: [0, 2, 1, 3, 4] },
  });
  return shaped(byPoint, -1, AREA * inputs);
}

/** (outputs, inputs, 3, 3) -> (36 * outputs, inputs, 1, 1), computed in float64. */
function transformKernel({ weight, dims, bias }: Kernel): Kernel {
  const [outputs = 0, inputs = 0] = dims;
  const kernelCount = outputs * inputs;
  const points = new Float32Array(AREA * kernelCount);
  for (let point = 0; point < AREA; point++) {
    const down = KERNEL_TRANSFORM[Math.floor(point / POINTS)]!;
    const across = KERNEL_TRANSFORM[point % POINTS]!;
    const factors = down.flatMap((y) => across.map((x) => y * x));
    for (let k = 0; k < kernelCount; k++) {
      let sum = 0;
      for (let i = 0; i < 9; i++) sum += factors[i]! * weight[9 * k + i]!;
      points[point * kernelCount + k] = sum;
    }
  }
  const biases = new Float32Array(AREA * outputs);
  if (bias !== undefined) biases.set(bias, (BIAS_POINT * POINTS + BIAS_POINT) * outputs);
  return { weight: points, dims: [AREA * outputs, inputs, 1, 1], bias: biases };
}
