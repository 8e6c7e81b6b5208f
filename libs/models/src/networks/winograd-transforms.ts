import type { GraphBuilder } from '../onnx/index.js';
import { TO_THE_END, slice } from './layers.js';

/**
 * The transforms of Winograd's F(4, 3) with the points 0, 1, -1, 2, -2 and infinity (Lavin and Gray 2016, arXiv
 * 1509.09308): 4 neighbouring outputs of a kernel of 3 are computed by 6 multiplications instead of 12.
 */
export const TILE = 4;
export const POINTS = 6;

/** From 6 neighbours to 6 points; row = point. */
export const INPUT_TRANSFORM: readonly (readonly number[])[] = [
  [4, 0, -5, 0, 1, 0],
  [0, -4, -4, 1, 1, 0],
  [0, 4, -4, -1, 1, 0],
  [0, -2, -1, 2, 1, 0],
  [0, 2, -1, -2, 1, 0],
  [0, 4, 0, -5, 0, 1],
];

/** From 3 numbers of the kernel to 6 points; row = point. */
export const KERNEL_TRANSFORM: readonly (readonly [number, number, number])[] = [
  [1 / 4, 0, 0],
  [-1 / 6, -1 / 6, -1 / 6],
  [-1 / 6, 1 / 6, -1 / 6],
  [1 / 24, 1 / 12, 1 / 6],
  [1 / 24, -1 / 12, 1 / 6],
  [0, 0, 1],
];

/** From 6 points to 4 outputs; row = point. */
const OUTPUT_TRANSFORM: readonly (readonly number[])[] = [
  [1, 0, 0, 0],
  [1, 1, 1, 1],
  [1, -1, 1, -1],
  [1, 2, 4, 8],
  [1, -2, 4, -8],
  [0, 0, 0, 1],
];

/** This point goes into all 4 outputs with factor 1: what is added to it is added to all of them, such as a bias. */
export const BIAS_POINT = 1;

/**
 * Points back to neighbouring outputs: (batch, points * channels, height, width) -> (batch, 1, channels * 4 * height,
 * width) along the axis 'height', (batch, 1, channels * height, 4 * width) along 'width'.
 */
export function toOutputs(graph: GraphBuilder, points: string, axis: 'height' | 'width'): string {
  const size = axis === 'height' ? [TILE, 1] : [1, TILE];
  const grouped = graph.node('Reshape', [points, graph.int64s([0, POINTS, -1, 0])]);
  const matrix = graph.floats(OUTPUT_TRANSFORM.flat(), [POINTS, 1, ...size]);
  return graph.node('ConvTranspose', [grouped, matrix], {
    kernel_shape: { ints: size },
    strides: { ints: size },
  });
}

/** Leaves out what the last tiles have too much along some axes, such as [3]. */
export function cutToSizeOf(
  graph: GraphBuilder,
  tiled: string,
  input: string,
  axes: readonly [number, ...number[]],
): string {
  const size = slice(graph, graph.node('Shape', [input]), 0, axes[0], TO_THE_END);
  const starts = graph.int64s(axes.map(() => 0));
  return graph.node('Slice', [tiled, starts, size, graph.int64s(axes)]);
}
