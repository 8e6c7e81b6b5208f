import { unsupported } from '../errors.js';
import type { OnnxAttribute } from '../onnx/index.js';
import { intListAttribute, textAttribute, textListAttribute } from './graph-model.js';
import type { TfNode } from './graph-model.js';
import type { Clamp, Computed, Convolution, Scope, Value } from './scope.js';
import type { Weight } from './weights.js';

/** Conv2D and _FusedConv2D: filter of shape [height, width, in, out]. */
export function convertConv2d(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const filter = scope.constantInput(node, 1);
  const [height, width, inChannels, outChannels] = rank4(node, filter.dims);
  const area = height * width;
  const weights = permuteFilter(filter, area, inChannels * area);
  const base = convolution(node, input, {
    weights,
    weightDims: [outChannels, inChannels, height, width],
    groups: input.dims[3]! / inChannels,
  });
  return applyFusedOps(node, scope, base);
}

/** DepthwiseConv2dNative: filter of shape [height, width, in, multiplier]. */
export function convertDepthwiseConv2d(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const filter = scope.constantInput(node, 1);
  const [height, width, channels, multiplier] = rank4(node, filter.dims);
  const area = height * width;
  const weights = permuteFilter(filter, multiplier * area, area);
  const base = convolution(node, input, {
    weights,
    weightDims: [channels * multiplier, 1, height, width],
    groups: channels,
  });
  return applyFusedOps(node, scope, base);
}

export function convertMaxPool(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const [, height = 1, width = 1] = intListAttribute(node, 'ksize');
  const window = slide(node, input.dims, height, width);
  const name = scope.builder.node('MaxPool', [input.name], {
    kernel_shape: { ints: [height, width] },
    strides: window.strides,
    pads: window.pads,
  });
  return { kind: 'computed', name, dims: [...window.dims, input.dims[3]!] };
}

/** Bias, scale or both after a convolution that nothing else reads: folded into its weights. */
export function scaleAndShift(
  conv: Convolution,
  scale: ArrayLike<number> | undefined,
  shift: ArrayLike<number> | undefined,
): Convolution {
  const outChannels = conv.weightDims[0]!;
  const weights = scale === undefined ? conv.weights : conv.weights.slice();
  const bias = Float32Array.from(conv.bias ?? new Float32Array(outChannels));
  const weightsPerChannel = weights.length / outChannels;
  for (let c = 0; c < outChannels; c++) {
    if (scale !== undefined) {
      bias[c]! *= scale[c]!;
      for (let i = 0; i < weightsPerChannel; i++) weights[c * weightsPerChannel + i]! *= scale[c]!;
    }
    if (shift !== undefined) bias[c]! += shift[c]!;
  }
  return { ...conv, weights, bias };
}

/** PReLU with the slopes of a constant input. */
export function prelu(
  node: TfNode,
  slopePosition: number,
  input: Computed,
  scope: Scope,
): Computed {
  const slope = scope.constantInput(node, slopePosition);
  const channels = input.dims.at(-1)!;
  if (input.dims.length !== 4 || slope.data.length !== channels) {
    const operand = scope.operand(node, slopePosition, input.dims.length);
    return { ...input, name: scope.builder.node('PRelu', [input.name, operand]) };
  }
  // slope x + (1 - slope) relu(x) as two 1x1 depthwise convolutions: onnxruntime keeps these in its blocked
  // layout and merges the sum, where its PRelu takes longer than all convolutions of a face mesh together.
  const attributes = { kernel_shape: { ints: [1, 1] }, group: { int: channels } };
  const scaled = (name: string, factors: Float32Array): string => {
    const weights = scope.builder.constant({ data: factors, dims: [channels, 1, 1, 1] });
    return scope.builder.node('Conv', [name, weights], attributes);
  };
  const negative = scaled(input.name, Float32Array.from(slope.data));
  const positivePart = scope.builder.node('Relu', [input.name]);
  const positive = scaled(
    positivePart,
    Float32Array.from(slope.data, (value) => 1 - value),
  );
  return { ...input, name: scope.builder.node('Add', [negative, positive]) };
}

/** The operations TensorFlow's optimiser has merged into a convolution: a bias, then maybe an activation. */
function applyFusedOps(node: TfNode, scope: Scope, base: Convolution): Value {
  let value: Computed | Clamp | Convolution = base;
  let nextInput = 2;
  for (const op of textListAttribute(node, 'fused_ops')) {
    if (op === 'BiasAdd') {
      value = scaleAndShift(base, undefined, scope.constantInput(node, nextInput++).data);
      continue;
    }
    const input: Computed = scope.emit(value);
    if (op === 'Relu') value = { kind: 'clamp', input, low: 0, high: Infinity };
    else if (op === 'Relu6') value = { kind: 'clamp', input, low: 0, high: 6 };
    else if (op === 'Prelu') value = prelu(node, nextInput++, input, scope);
    else throw unsupported(`fused operation ${op} (${node.name})`);
  }
  return value;
}

function convolution(
  node: TfNode,
  input: Computed,
  filter: { weights: Float32Array; weightDims: readonly number[]; groups: number },
): Convolution {
  const [outChannels = 0, , height = 1, width = 1] = filter.weightDims;
  const window = slide(node, input.dims, height, width);
  return {
    kind: 'convolution',
    input: input.name,
    dims: [...window.dims, outChannels],
    weights: filter.weights,
    weightDims: filter.weightDims,
    attributes: {
      kernel_shape: { ints: [height, width] },
      strides: window.strides,
      dilations: window.dilations,
      pads: window.pads,
      group: { int: filter.groups },
    },
  };
}

interface Window {
  /** Batch, height and width of the output. */
  readonly dims: readonly number[];
  readonly strides: OnnxAttribute;
  readonly dilations: OnnxAttribute;
  readonly pads: OnnxAttribute;
}

/**
 * Geometry of a window moved over a picture. TensorFlow's SAME: output size ceil(size / stride), the padding
 * this needs split in two, the odd pixel at the bottom and right.
 */
function slide(
  node: TfNode,
  inputDims: readonly number[],
  kernelHeight: number,
  kernelWidth: number,
): Window {
  const padding = textAttribute(node, 'padding');
  if ((textAttribute(node, 'data_format') ?? 'NHWC') !== 'NHWC') {
    throw unsupported(`channels-first operation ${node.name}`);
  }
  if (padding !== 'SAME' && padding !== 'VALID') {
    throw unsupported(`padding ${padding ?? ''} of ${node.name}`);
  }
  const [batch = 1, ...size] = rank4(node, inputDims);
  const kernel = [kernelHeight, kernelWidth];
  const strides = intListAttribute(node, 'strides').slice(1, 3);
  const dilations = node.attr?.['dilations']
    ? intListAttribute(node, 'dilations').slice(1, 3)
    : [1, 1];
  const before: number[] = [];
  const after: number[] = [];
  const outSize: number[] = [];
  for (let axis = 0; axis < 2; axis++) {
    const stride = strides[axis]!;
    const extent = (kernel[axis]! - 1) * dilations[axis]! + 1;
    if (padding === 'VALID') {
      outSize.push(Math.ceil((size[axis]! - extent + 1) / stride));
      before.push(0);
      after.push(0);
    } else {
      const out = Math.ceil(size[axis]! / stride);
      const total = Math.max((out - 1) * stride + extent - size[axis]!, 0);
      outSize.push(out);
      before.push(Math.floor(total / 2));
      after.push(total - Math.floor(total / 2));
    }
  }
  return {
    dims: [batch, ...outSize],
    strides: { ints: strides },
    dilations: { ints: dilations },
    pads: { ints: [...before, ...after] },
  };
}

/**
 * Moves height and width of a filter [height, width, third, fourth] to the end.
 * @param thirdStride, fourthStride distance of neighbours along these axes in the result
 */
function permuteFilter(filter: Weight, thirdStride: number, fourthStride: number): Float32Array {
  const [height = 0, width = 0, third = 0, fourth = 0] = filter.dims;
  const out = new Float32Array(filter.data.length);
  let source = 0;
  for (let position = 0; position < height * width; position++) {
    for (let i = 0; i < third; i++) {
      const start = i * thirdStride + position;
      for (let j = 0; j < fourth; j++) out[start + j * fourthStride] = filter.data[source++]!;
    }
  }
  return out;
}

function rank4(node: TfNode, dims: readonly number[]): readonly [number, number, number, number] {
  const [a, b, c, d] = dims;
  if (
    dims.length !== 4 ||
    a === undefined ||
    b === undefined ||
    c === undefined ||
    d === undefined
  ) {
    throw unsupported(`${node.op} ${node.name} of rank ${dims.length}`);
  }
  return [a, b, c, d];
}
