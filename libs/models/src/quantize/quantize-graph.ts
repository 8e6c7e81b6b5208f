import type { OnnxGraph, OnnxNode, OnnxTensor, OnnxValueInfo } from '../onnx/index.js';
import { planQuantization } from './plan.js';
import type { ValueRange } from './value-range.js';

const MAX_WEIGHT = 127;
const MAX_VALUE = 255;

/**
 * The graph with its convolutions in 8 bits, written with QuantizeLinear and DequantizeLinear: weights int8, symmetric,
 * one scale a channel; values uint8 with one scale and zero point each; biases int32. onnxruntime joins these to integer
 * convolutions.
 * @param ranges of every value of planQuantization(graph).rangeOf
 */
export function quantizeGraph(
  graph: OnnxGraph,
  ranges: ReadonlyMap<string, ValueRange>,
): OnnxGraph {
  const { convolutions, rangeOf } = planQuantization(graph);
  const initializers = new Map(graph.initializers);
  const nodes: OnnxNode[] = [];
  const scaleOf = new Map<string, number>();
  const rounded = (name: string): string => (rangeOf.has(name) ? `${name}_rounded` : name);

  const addRounding = (name: string): void => {
    const range = ranges.get(rangeOf.get(name)!);
    if (range === undefined) throw new RangeError(`no range of ${name}`);
    const { scale, zeroPoint } = valueScale(range);
    scaleOf.set(name, scale);
    initializers.set(`${name}_scale`, { data: Float32Array.of(scale), dims: [] });
    initializers.set(`${name}_zero`, { data: Uint8Array.of(zeroPoint), dims: [] });
    const parameters = [`${name}_scale`, `${name}_zero`];
    nodes.push(
      plainNode('QuantizeLinear', [name, ...parameters], `${name}_uint8`),
      plainNode('DequantizeLinear', [`${name}_uint8`, ...parameters], `${name}_rounded`),
    );
  };
  const addConstant = (name: string, tensor: OnnxTensor, scales: Float32Array): string => {
    initializers.set(`${name}_int`, tensor);
    initializers.set(`${name}_scale`, { data: scales, dims: [scales.length] });
    const zeros = tensor.data instanceof Int8Array ? new Int8Array(scales.length) : undefined;
    const inputs = [`${name}_int`, `${name}_scale`];
    if (zeros !== undefined) {
      initializers.set(`${name}_zero`, { data: zeros, dims: [scales.length] });
      inputs.push(`${name}_zero`);
    }
    const node = plainNode('DequantizeLinear', inputs, `${name}_float`);
    nodes.push({ ...node, attributes: { axis: { int: 0 } } });
    return `${name}_float`;
  };

  for (const { name } of graph.inputs) if (rangeOf.has(name)) addRounding(name);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(rounded);
    if (convolutions.has(node.outputs[0]!)) {
      const [input = '', weight = '', bias] = node.inputs;
      const kernel = graph.initializers.get(weight)!;
      const { data, scales } = roundWeights(kernel);
      inputs[1] = addConstant(weight, { data, dims: kernel.dims }, scales);
      if (bias !== undefined) {
        const biasScales = scales.map((scale) => scale * scaleOf.get(input)!);
        const values = graph.initializers.get(bias)!.data as Float32Array;
        const whole = Int32Array.from(values, (value, c) => Math.round(value / biasScales[c]!));
        inputs[2] = addConstant(bias, { data: whole, dims: [whole.length] }, biasScales);
      }
    }
    nodes.push({ ...node, inputs });
    for (const output of node.outputs) if (rangeOf.has(output)) addRounding(output);
  }
  const used = new Set(nodes.flatMap(({ inputs }) => inputs));
  for (const name of initializers.keys()) if (!used.has(name)) initializers.delete(name);
  return { ...graph, nodes, initializers };
}

/** The graph with inner values as outputs, to see the numbers they take. */
export function withInnerOutputs(graph: OnnxGraph, names: Iterable<string>): OnnxGraph {
  const inner = [...names].map((name): OnnxValueInfo => ({ name, type: 'float32' }));
  return { ...graph, outputs: [...graph.outputs, ...inner] };
}

function plainNode(opType: string, inputs: readonly string[], output: string): OnnxNode {
  return { opType, inputs, outputs: [output], attributes: {} };
}

function valueScale({ min, max }: ValueRange): { scale: number; zeroPoint: number } {
  const low = Math.min(min, 0);
  // A value that is always 0 may have any scale.
  const scale = Math.fround((Math.max(max, 0) - low || 1) / MAX_VALUE);
  return { scale, zeroPoint: Math.min(MAX_VALUE, Math.round(-low / scale)) };
}

/** Weights of each output channel as whole numbers between -127 and 127, and their scales. */
function roundWeights({ data, dims }: OnnxTensor): { data: Int8Array; scales: Float32Array } {
  const values = data as Float32Array;
  const [channels = 0] = dims;
  const perChannel = values.length / channels;
  const scales = new Float32Array(channels);
  const whole = new Int8Array(values.length);
  for (let c = 0; c < channels; c++) {
    const start = c * perChannel;
    let largest = 0;
    for (let i = start; i < start + perChannel; i++) {
      largest = Math.max(largest, Math.abs(values[i]!));
    }
    const scale = Math.fround(largest / MAX_WEIGHT) || 1;
    scales[c] = scale;
    for (let i = start; i < start + perChannel; i++) whole[i] = Math.round(values[i]! / scale);
  }
  return { data: whole, scales };
}
