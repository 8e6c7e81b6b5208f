import type { GraphBuilder } from '../onnx/index.js';
import type { Kernel, ChannelAffine } from './kernel.js';

/** Data type of ONNX (TensorProto.DataType.FLOAT) for Cast. */
const FLOAT = 1;

export interface WindowOptions {
  /** One number for each axis of the window; 1 when absent. */
  readonly strides?: readonly number[];
  /** Zeros on both sides of each axis of the window; 0 when absent. */
  readonly pads?: readonly number[];
}

export interface ConvOptions extends WindowOptions {
  readonly dilations?: readonly number[];
  /** Inputs and outputs fall into so many parts, each with a convolution of its own. @default 1 */
  readonly groups?: number;
}

/** Convolution over all axes behind the channels. */
export function conv(
  graph: GraphBuilder,
  input: string,
  { weight, dims, bias }: Kernel,
  options: ConvOptions = {},
): string {
  const inputs = [input, graph.constant({ data: weight, dims })];
  if (bias !== undefined) inputs.push(graph.constant({ data: bias, dims: [bias.length] }));
  return graph.node('Conv', inputs, {
    kernel_shape: { ints: dims.slice(2) },
    ...windowAttributes(options),
    ...(options.dilations && { dilations: { ints: options.dilations } }),
    ...(options.groups && { group: { int: options.groups } }),
  });
}

export function convRelu(
  graph: GraphBuilder,
  input: string,
  kernel: Kernel,
  options: ConvOptions = {},
): string {
  return relu(graph, conv(graph, input, kernel, options));
}

export function relu(graph: GraphBuilder, input: string): string {
  return graph.node('Relu', [input]);
}

/** @param isCeil the last window may reach over the end (torch's ceil_mode) */
export function maxPool(
  graph: GraphBuilder,
  input: string,
  kernelShape: readonly number[],
  options: WindowOptions = {},
  isCeil = false,
): string {
  return graph.node('MaxPool', [input], {
    kernel_shape: { ints: kernelShape },
    ...windowAttributes(options),
    ...(isCeil && { ceil_mode: { int: 1 } }),
  });
}

/** Linear layer: (rows, inputs) -> (rows, outputs). */
export function linear(graph: GraphBuilder, input: string, { weight, dims, bias }: Kernel): string {
  const inputs = [input, graph.constant({ data: weight, dims })];
  if (bias !== undefined) inputs.push(graph.constant({ data: bias, dims: [bias.length] }));
  return graph.node('Gemm', inputs, { transB: { int: 1 } });
}

/** value * scale + shift for each channel (axis 1), where that cannot be part of a convolution. */
export function channelAffine(
  graph: GraphBuilder,
  input: string,
  { scale, shift }: ChannelAffine,
): string {
  const channels = scale.length;
  const zeros = new Float32Array(channels);
  const ones = new Float32Array(channels).fill(1);
  const constants = [Float32Array.from(scale), Float32Array.from(shift), zeros, ones];
  return graph.node(
    'BatchNormalization',
    [input, ...constants.map((data) => graph.constant({ data, dims: [channels] }))],
    { epsilon: { float: 0 } },
  );
}

/** Input of packed BGR pictures, as they are decoded: uint8 (batch, height, width, 3). */
export function bgrPictureInput(
  graph: GraphBuilder,
  name: string,
  dims: readonly [string, number | string, number | string],
): string {
  const input = graph.input({ name, type: 'uint8', dims: [...dims, 3] });
  const planes = graph.node('Transpose', [input], { perm: { ints: [0, 3, 1, 2] } });
  return toFloat(graph, planes);
}

export function toFloat(graph: GraphBuilder, input: string): string {
  return graph.node('Cast', [input], { to: { int: FLOAT } });
}

/** Part [start, end) of one axis; negative numbers count from the end. */
export function slice(
  graph: GraphBuilder,
  input: string,
  axis: number,
  start: number,
  end: number,
): string {
  return graph.node('Slice', [input, ...[start, end, axis].map((n) => graph.int64s([n]))]);
}

/** End of an axis, for slice. */
export const TO_THE_END = 2 ** 31;

export function concat(graph: GraphBuilder, inputs: readonly string[], axis: number): string {
  return graph.node('Concat', inputs, { axis: { int: axis } });
}

function windowAttributes({ strides, pads }: WindowOptions) {
  return {
    ...(strides && { strides: { ints: strides } }),
    ...(pads && { pads: { ints: [...pads, ...pads] } }),
  };
}
