import { unsupported } from '../errors.js';
import {
  convertConv2d,
  convertDepthwiseConv2d,
  convertMaxPool,
  prelu,
  scaleAndShift,
} from './convolution.js';
import { boolAttribute, textListAttribute } from './graph-model.js';
import type { TfNode } from './graph-model.js';
import type { Computed, Converter, Scope, Value } from './scope.js';
import type { Weight } from './weights.js';

/** How to rewrite each TensorFlow operation we know. */
export const converters: ReadonlyMap<string, Converter> = new Map<string, Converter>([
  ['Identity', convertIdentity],
  ['Conv2D', convertConv2d],
  ['_FusedConv2D', convertConv2d],
  ['DepthwiseConv2dNative', convertDepthwiseConv2d],
  ['FusedDepthwiseConv2dNative', convertDepthwiseConv2d],
  ['MaxPool', convertMaxPool],
  ['Add', (node, scope) => arithmetic('Add', node, scope)],
  ['AddV2', (node, scope) => arithmetic('Add', node, scope)],
  ['BiasAdd', (node, scope) => arithmetic('Add', node, scope)],
  ['Mul', (node, scope) => arithmetic('Mul', node, scope)],
  ['Minimum', (node, scope) => limit('Min', node, scope)],
  ['Maximum', (node, scope) => limit('Max', node, scope)],
  ['Relu', (node, scope) => clamp(scope, node, 0, Infinity)],
  ['Relu6', (node, scope) => clamp(scope, node, 0, 6)],
  ['Prelu', (node, scope) => prelu(node, 1, scope.input(node, 0), scope)],
  ['Sigmoid', (node, scope) => pointwise('Sigmoid', node, scope)],
  ['Softmax', convertSoftmax],
  ['Mean', convertMean],
  ['Reshape', convertReshape],
  ['Pad', convertPad],
  ['MatMul', convertMatMul],
  ['_FusedMatMul', convertMatMul],
]);

function convertIdentity(node: TfNode, scope: Scope): Value {
  const value = scope.inputValue(node, 0);
  return value.kind === 'constant' ? value : scope.input(node, 0);
}

function arithmetic(opType: 'Add' | 'Mul', node: TfNode, scope: Scope): Value {
  const swapped = scope.inputValue(node, 0).kind === 'constant';
  const [first, second] = swapped ? [1, 0] : [0, 1];
  const left = scope.inputValue(node, first);
  const right = scope.inputValue(node, second);
  if (left.kind === 'convolution' && right.kind === 'constant' && scope.isOnlyUser(node, first)) {
    const vector = perChannel(right.weight, left.weightDims[0]!);
    if (vector !== undefined) {
      return opType === 'Add'
        ? scaleAndShift(left, undefined, vector)
        : scaleAndShift(left, vector, undefined);
    }
  }
  const input = scope.input(node, first);
  const operand = scope.operand(node, second, input.dims.length);
  const dims =
    right.kind === 'constant' ? input.dims : broadcast(input.dims, scope.input(node, second).dims);
  return { kind: 'computed', name: scope.builder.node(opType, [input.name, operand]), dims };
}

/** One number per channel of a constant of shape [], [C], [1, C], ...; undefined for any other. */
function perChannel(weight: Weight, channels: number): ArrayLike<number> | undefined {
  if (weight.data.length === 1) return new Float32Array(channels).fill(weight.data[0]!);
  const isVector = weight.data.length === channels && weight.dims.at(-1) === channels;
  return isVector ? weight.data : undefined;
}

function broadcast(a: readonly number[], b: readonly number[]): number[] {
  return a.map((dim, axis) => Math.max(dim, b[axis]!));
}

/** Minimum or maximum with a number becomes part of a clamp. */
function limit(opType: 'Min' | 'Max', node: TfNode, scope: Scope): Value {
  const right = scope.inputValue(node, 1);
  if (right.kind === 'constant' && right.weight.data.length === 1) {
    const bound = right.weight.data[0]!;
    return opType === 'Min'
      ? clamp(scope, node, -Infinity, bound)
      : clamp(scope, node, bound, Infinity);
  }
  const input = scope.input(node, 0);
  const operand = scope.operand(node, 1, input.dims.length);
  return { ...input, name: scope.builder.node(opType, [input.name, operand]) };
}

function clamp(scope: Scope, node: TfNode, low: number, high: number): Value {
  const value = scope.inputValue(node, 0);
  if (value.kind === 'clamp' && scope.isOnlyUser(node, 0)) {
    const merge = (bound: number): number => Math.min(Math.max(bound, low), high);
    return { ...value, low: merge(value.low), high: merge(value.high) };
  }
  return { kind: 'clamp', input: scope.input(node, 0), low, high };
}

function pointwise(opType: string, node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  return { ...input, name: scope.builder.node(opType, [input.name]) };
}

/** Over the last axis: the channels. */
function convertSoftmax(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const axis = { int: input.dims.length === 4 ? 1 : -1 };
  return { ...input, name: scope.builder.node('Softmax', [input.name], { axis }) };
}

/** Mean over height and width, with or without keeping these axes. */
function convertMean(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const axes = Array.from(scope.constantInput(node, 1).data, (axis) =>
    axis < 0 ? axis + 4 : axis,
  );
  if (input.dims.length !== 4 || axes.sort().join() !== '1,2') {
    throw unsupported(`Mean ${node.name} over axes ${axes.join()}`);
  }
  const [batch = 1, , , channels = 1] = input.dims;
  const name = scope.builder.node('GlobalAveragePool', [input.name]);
  if (boolAttribute(node, 'keep_dims')) {
    return { kind: 'computed', name, dims: [batch, 1, 1, channels] };
  }
  const flat = scope.builder.node('Flatten', [name], { axis: { int: 1 } });
  return { kind: 'computed', name: flat, dims: [batch, channels] };
}

function convertReshape(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const wanted = Array.from(scope.constantInput(node, 1).data);
  const size = input.dims.reduce((product, dim) => product * dim, 1);
  const known = wanted.reduce((product, dim) => (dim < 0 ? product : product * dim), 1);
  const dims = wanted.map((dim) => (dim < 0 ? size / known : dim));
  const source = channelsLast(scope, input);
  // In a net of free size the middle axis of [batch, places, values] counts places, which vary.
  const target = scope.isSizeFree && dims.length === 3 ? [dims[0]!, -1, dims[2]!] : dims;
  const name = scope.builder.node('Reshape', [source, scope.builder.int64s(target)]);
  return dims.length === 4
    ? { kind: 'computed', name: transpose(scope, name, [0, 3, 1, 2]), dims }
    : { kind: 'computed', name, dims };
}

/** Name of the value in TensorFlow's order of axes; no work where the order in memory is the same. */
export function channelsLast(scope: Scope, value: Computed): string {
  if (value.dims.length !== 4) return value.name;
  const [, height, width, channels] = value.dims;
  if (height === 1 && width === 1) return value.name;
  if (channels === 1) return value.name;
  return transpose(scope, value.name, [0, 2, 3, 1]);
}

function transpose(scope: Scope, name: string, perm: readonly number[]): string {
  return scope.builder.node('Transpose', [name], { perm: { ints: perm } });
}

function convertPad(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const pads = scope.constantInput(node, 1).data;
  if (input.dims.length !== 4) throw unsupported(`Pad ${node.name} of rank ${input.dims.length}`);
  const order = [0, 3, 1, 2];
  const onnxPads = [
    ...order.map((axis) => pads[axis * 2]!),
    ...order.map((axis) => pads[axis * 2 + 1]!),
  ];
  const name = scope.builder.node('Pad', [input.name, scope.builder.int64s(onnxPads)]);
  const dims = input.dims.map((dim, axis) => dim + pads[axis * 2]! + pads[axis * 2 + 1]!);
  return { kind: 'computed', name, dims };
}

function convertMatMul(node: TfNode, scope: Scope): Value {
  const input = scope.input(node, 0);
  const matrix = scope.constantInput(node, 1);
  const fusedOps = textListAttribute(node, 'fused_ops');
  const isTransposed = boolAttribute(node, 'transpose_b');
  if (input.dims.length !== 2 || boolAttribute(node, 'transpose_a')) {
    throw unsupported(`${node.op} ${node.name} of rank ${input.dims.length}`);
  }
  const inputs = [input.name, scope.builder.constant(matrix)];
  if (fusedOps[0] === 'BiasAdd') inputs.push(scope.builder.constant(scope.constantInput(node, 2)));
  const computed: Computed = {
    kind: 'computed',
    name: scope.builder.node('Gemm', inputs, { transB: { int: isTransposed ? 1 : 0 } }),
    dims: [input.dims[0]!, matrix.dims[isTransposed ? 0 : 1]!],
  };
  const activation = fusedOps[fusedOps[0] === 'BiasAdd' ? 1 : 0];
  if (activation === undefined) return computed;
  if (activation === 'Relu') return { kind: 'clamp', input: computed, low: 0, high: Infinity };
  throw unsupported(`fused operation ${activation} (${node.name})`);
}
