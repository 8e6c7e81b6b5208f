import { encodeModel } from './model-proto.js';
import type { OnnxAttribute, OnnxNode, OnnxTensor, OnnxValueInfo } from './model-proto.js';

/**
 * Collects an ONNX graph node by node. Values are passed around by name; names of inner values are made
 * from a counter, so the same sequence of calls gives the same file.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValueInfo[] = [];
  readonly #outputs: OnnxValueInfo[] = [];
  #counter = 0;

  constructor(name: string) {
    this.#name = name;
  }

  input(info: OnnxValueInfo): string {
    this.#inputs.push(info);
    return info.name;
  }

  /** Declares a value that a node makes as an output of the graph. */
  output(info: OnnxValueInfo): void {
    this.#outputs.push(info);
  }

  /** Adds a constant. @returns its name */
  constant(tensor: OnnxTensor): string {
    const size = tensor.dims.reduce((product, dim) => product * dim, 1);
    if (size !== tensor.data.length) {
      throw new RangeError(`dims [${tensor.dims.join(', ')}] for ${tensor.data.length} elements`);
    }
    const name = this.#fresh('const');
    this.#initializers.set(name, tensor);
    return name;
  }

  floats(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant({ data: Float32Array.from(values), dims });
  }

  int64s(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant({ data: BigInt64Array.from(values, BigInt), dims });
  }

  /**
   * Adds a node.
   * @param inputs names of values; '' leaves an optional input out
   * @param outputs names of its outputs; one made-up name when absent
   * @returns name of its first output
   */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    outputs: readonly [string, ...string[]] = [this.#fresh(opType.toLowerCase())],
  ): string {
    this.#nodes.push({ opType, inputs, outputs, attributes });
    return outputs[0];
  }

  /** @returns bytes of the .onnx file */
  encode(): Uint8Array {
    return encodeModel({
      name: this.#name,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: this.#inputs,
      outputs: this.#outputs,
    });
  }

  #fresh(prefix: string): string {
    return `${prefix}_${this.#counter++}`;
  }
}
