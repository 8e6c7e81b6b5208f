import type { OnnxGraph, OnnxNode } from '../onnx/index.js';

/** Fewer input channels than this are left in float32: one that sees a single picture is small, and matters. */
const MIN_INPUT_CHANNELS = 8;

/** What of a graph is computed with 8-bit numbers. */
export interface QuantizationPlan {
  /** First output of each convolution to be quantized. */
  readonly convolutions: ReadonlySet<string>;
  /** Values which are rounded to 8 bits, each with the value whose range it takes (itself, or what was pooled). */
  readonly rangeOf: ReadonlyMap<string, string>;
}

/**
 * Chooses the convolutions: those with constant weights and many input channels whose result, after its ReLU, only goes
 * into other convolutions and poolings or is normalised. Layers that make outputs of the graph stay as they are.
 */
export function planQuantization(graph: OnnxGraph): QuantizationPlan {
  const readers = new Map<string, OnnxNode[]>();
  for (const node of graph.nodes) {
    for (const name of node.inputs) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  const convolutions = new Set<string>();
  const rangeOf = new Map<string, string>();
  for (const node of graph.nodes) {
    const [input = '', weight = ''] = node.inputs;
    const output = node.outputs[0]!;
    if (node.opType === 'MaxPool' && rangeOf.has(input)) {
      rangeOf.set(output, rangeOf.get(input)!);
      continue;
    }
    const kernel = graph.initializers.get(weight);
    if (node.opType !== 'Conv' || kernel === undefined) continue;
    if ((kernel.dims[1] ?? 0) < MIN_INPUT_CHANNELS) continue;
    const relu = reluBehind(output, readers);
    if (relu === undefined) continue;
    convolutions.add(output);
    if (!rangeOf.has(input)) rangeOf.set(input, input);
    rangeOf.set(relu, relu);
  }
  return { convolutions, rangeOf };
}

/** The value behind the only reader of a value, when that is a ReLU. */
function reluBehind(
  value: string,
  readers: ReadonlyMap<string, readonly OnnxNode[]>,
): string | undefined {
  const [reader, ...others] = readers.get(value) ?? [];
  if (reader?.opType !== 'Relu' || others.length > 0) return undefined;
  return reader.outputs[0];
}
