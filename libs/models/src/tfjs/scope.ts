import { unsupported } from '../errors.js';
import type { GraphBuilder, OnnxAttribute } from '../onnx/index.js';
import type { TfGraphModel, TfNode } from './graph-model.js';
import type { Weight } from './weights.js';

/**
 * What a TensorFlow node stands for while its graph is rewritten. `dims` are always in TensorFlow's order
 * (pictures: batch, height, width, channels); the ONNX value of a rank 4 tensor is kept channels first, so
 * that convolutions need no transposes. Convolutions and clamps are held back until something uses them:
 * a bias, a scale or another limit that follows is folded into them first.
 */
export type Value =
  { readonly kind: 'constant'; readonly weight: Weight } | Computed | Convolution | Clamp;

export interface Computed {
  readonly kind: 'computed';
  /** Name of the ONNX value. */
  readonly name: string;
  readonly dims: readonly number[];
}

export interface Convolution {
  readonly kind: 'convolution';
  readonly input: string;
  readonly dims: readonly number[];
  /** Output channels first (OIHW). */
  readonly weights: Float32Array;
  readonly weightDims: readonly number[];
  readonly bias?: Float32Array;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** min(max(input, low), high) */
export interface Clamp {
  readonly kind: 'clamp';
  readonly input: Computed;
  readonly low: number;
  readonly high: number;
}

/** Turns one node into a value. */
export type Converter = (node: TfNode, scope: Scope) => Value;

/** Values of the nodes met so far, made on demand from the outputs backwards. */
export class Scope {
  readonly builder: GraphBuilder;
  /** Height and width of the input may differ from those of the model (see GraphModelConversion). */
  readonly isSizeFree: boolean;
  readonly #model: TfGraphModel;
  readonly #converters: ReadonlyMap<string, Converter>;
  readonly #values = new Map<string, Value>();
  readonly #useCounts: ReadonlyMap<string, number>;

  constructor(
    builder: GraphBuilder,
    model: TfGraphModel,
    converters: ReadonlyMap<string, Converter>,
    outputs: readonly string[],
    isSizeFree: boolean,
  ) {
    this.builder = builder;
    this.isSizeFree = isSizeFree;
    this.#model = model;
    this.#converters = converters;
    this.#useCounts = countUses(model, outputs);
  }

  /** The value a node makes, not yet forced into the graph. */
  value(reference: string): Value {
    const name = nodeName(reference);
    let value = this.#values.get(name);
    if (value === undefined) {
      value = this.#convert(name);
      this.#values.set(name, value);
    }
    return value;
  }

  inputValue(node: TfNode, position: number): Value {
    return this.value(inputReference(node, position));
  }

  /** Input of a node as a value of the ONNX graph. */
  input(node: TfNode, position: number): Computed {
    return this.computed(inputReference(node, position));
  }

  /** Like `value`, written into the graph if it was held back. */
  computed(reference: string): Computed {
    const value = this.value(reference);
    if (value.kind === 'constant') throw unsupported(`constant ${reference} as data`);
    const computed = this.emit(value);
    this.#values.set(nodeName(reference), computed);
    return computed;
  }

  /** Name of the other operand of an elementwise operation: a constant, or a computed value of equal rank. */
  operand(node: TfNode, position: number, rank: number): string {
    const value = this.inputValue(node, position);
    if (value.kind === 'constant') {
      const weight = rank === 4 ? toChannelsFirst(value.weight) : value.weight;
      return this.builder.constant(weight);
    }
    const computed = this.input(node, position);
    if (computed.dims.length !== rank) {
      throw unsupported(`${node.op} ${node.name} of different ranks`);
    }
    return computed.name;
  }

  constantInput(node: TfNode, position: number): Weight {
    const value = this.inputValue(node, position);
    if (value.kind === 'constant') return value.weight;
    throw unsupported(`${node.op} ${node.name} needs a constant as input ${position}`);
  }

  /** True when nothing but the asking node reads this input, so that it may be folded away. */
  isOnlyUser(node: TfNode, position: number): boolean {
    return this.#useCounts.get(nodeName(inputReference(node, position))) === 1;
  }

  /** Writes a value that was held back into the graph. */
  emit(value: Exclude<Value, { kind: 'constant' }>): Computed {
    switch (value.kind) {
      case 'computed':
        return value;
      case 'convolution': {
        const inputs = [
          value.input,
          this.builder.constant({ data: value.weights, dims: value.weightDims }),
          ...(value.bias === undefined
            ? []
            : [this.builder.constant({ data: value.bias, dims: [value.bias.length] })]),
        ];
        const name = this.builder.node('Conv', inputs, value.attributes);
        return { kind: 'computed', name, dims: value.dims };
      }
      case 'clamp': {
        const { input, low, high } = value;
        if (low === 0 && high === Infinity) {
          return { ...input, name: this.builder.node('Relu', [input.name]) };
        }
        const limit = (bound: number): string =>
          Number.isFinite(bound) ? this.builder.floats([bound], []) : '';
        return {
          ...input,
          name: this.builder.node('Clip', [input.name, limit(low), limit(high)]),
        };
      }
    }
  }

  #convert(name: string): Value {
    const node = this.#model.nodes.get(name);
    if (node === undefined) throw unsupported(`it names a node ${name} that does not exist`);
    if (node.op === 'Const') {
      const weight = this.#model.weights.get(name);
      if (weight === undefined) throw unsupported(`constant ${name} has no weights`);
      return { kind: 'constant', weight };
    }
    const converter = this.#converters.get(node.op);
    if (converter === undefined) throw unsupported(`operation ${node.op} (${name})`);
    return converter(node, this);
  }
}

function inputReference(node: TfNode, position: number): string {
  const reference = node.input?.[position];
  if (reference === undefined) throw unsupported(`${node.op} ${node.name} lacks input ${position}`);
  return reference;
}

function nodeName(reference: string): string {
  const [name = reference, output] = reference.split(':');
  if (output !== undefined && output !== '0') throw unsupported(`second output ${reference}`);
  return name;
}

/** How often each node is read by the nodes that the outputs need, and by the outputs themselves. */
function countUses(model: TfGraphModel, outputs: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  const waiting = [...outputs];
  for (let reference = waiting.pop(); reference !== undefined; reference = waiting.pop()) {
    const name = nodeName(reference);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    if (count === 0) waiting.push(...(model.nodes.get(name)?.input ?? []));
  }
  return counts;
}

/**
 * Constant that meets a channels-first tensor of rank 4: vectors become one number per channel, the axes of
 * constants of rank 3 and 4 are moved.
 */
function toChannelsFirst(weight: Weight): Weight {
  const { data, dims } = weight;
  if (dims.length === 0) return weight;
  if (dims.length === 4 || dims.length === 3) {
    const [batch, height, width, channels] = dims.length === 4 ? dims : [1, ...dims];
    const moved = data.slice();
    const planeSize = height! * width!;
    for (let n = 0; n < batch!; n++) {
      for (let i = 0; i < planeSize; i++) {
        for (let c = 0; c < channels!; c++) {
          moved[(n * channels! + c) * planeSize + i] = data[(n * planeSize + i) * channels! + c]!;
        }
      }
    }
    return { data: moved, dims: [batch!, channels!, height!, width!] };
  }
  if (dims.length === 1) return { data, dims: [dims[0]!, 1, 1] };
  throw unsupported(`constant of shape [${dims.join(', ')}] beside a picture`);
}
