import type { GraphBuilder } from '../onnx/index.js';
import type { Kernel } from './kernel.js';
import { conv } from './layers.js';
import {
  BIAS_POINT,
  INPUT_TRANSFORM,
  KERNEL_TRANSFORM,
  POINTS,
  TILE,
  cutToSizeOf,
  toOutputs,
} from './winograd-transforms.js';

/**
 * 3x3 convolution with stride 1 and zeros around the picture, by F(4, 3) along the rows and as usual along the
 * columns: half the multiplications. Everything is convolutions, which onnxruntime has fast kernels for: the
 * transform of a row is one of a single channel, and the products are a 3x1 convolution with a group for each point.
 *
 * @param input (batch, inputs, height, width), any size
 * @returns (batch, outputs, height, width)
 */
export function winogradRows(graph: GraphBuilder, input: string, kernel: Kernel): string {
  const [outputs = 0, inputs = 0] = kernel.dims;
  // Channels one below the other; zeros for a whole tile on the right, so that the last pixels are never left out.
  const rows = graph.node('Reshape', [input, graph.int64s([0, 1, -1, 0])]);
  const matrix = graph.floats(INPUT_TRANSFORM.flat(), [POINTS, 1, 1, POINTS]);
  const transformed = graph.node('Conv', [rows, matrix], {
    kernel_shape: { ints: [1, POINTS] },
    strides: { ints: [1, TILE] },
    pads: { ints: [0, 1, 0, TILE] },
  });
  const points = graph.node('Reshape', [transformed, graph.int64s([0, POINTS * inputs, -1, 0])]);
  const products = conv(graph, points, transformKernel(kernel), { pads: [1, 0], groups: POINTS });
  const tiles = toOutputs(graph, products, 'width');
  const wide = graph.node('Reshape', [tiles, graph.int64s([0, outputs, -1, 0])]);
  return cutToSizeOf(graph, wide, input, [3]);
}

/** (outputs, inputs, 3, 3) -> (points * outputs, inputs, 3, 1), computed in float64. */
function transformKernel({ weight, dims, bias }: Kernel): Kernel {
  const [outputs = 0, inputs = 0] = dims;
  const rowCount = outputs * inputs * 3;
  const points = new Float32Array(POINTS * rowCount);
  KERNEL_TRANSFORM.forEach(([left, middle, right], point) => {
    for (let row = 0; row < rowCount; row++) {
      points[point * rowCount + row] =
        left * weight[3 * row]! + middle * weight[3 * row + 1]! + right * weight[3 * row + 2]!;
    }
  });
  const biases = new Float32Array(POINTS * outputs);
  if (bias !== undefined) biases.set(bias, BIAS_POINT * outputs);
  return { weight: points, dims: [POINTS * outputs, inputs, 3, 1], bias: biases };
}
