import type { Tensor } from '@avd/stage-kit';
import type { TensorMap } from './messages.js';

/** Type and shape of an input or output as onnxruntime tells it; free axes by name. */
export interface ValueShape {
  readonly shape?: readonly (number | string)[];
}

/**
 * Whether several callers' inputs can be put into one run: the first axis of every input and output is the same free
 * one. (The lip tower of SyncNet is none of these: it has fewer windows than frames.)
 */
export function isBatchable(values: readonly ValueShape[]): boolean {
  const axes = new Set(values.map(({ shape }) => shape?.[0]));
  const [axis] = axes;
  return axes.size === 1 && typeof axis === 'string' && axis !== '';
}

/** Inputs with equal keys can share a run: same names, types and shapes, the first axis aside. */
export function batchKey(inputs: TensorMap): string {
  return Object.entries(inputs)
    .map(([name, { data, dims }]) => `${name} ${data.constructor.name} ${dims.slice(1).join('x')}`)
    .sort()
    .join(';');
}

/** Rows of the first axis. */
export function rowCount(inputs: TensorMap): number {
  return Object.values(inputs)[0]?.dims[0] ?? 1;
}

/** Inputs of several callers, one behind the other. */
export function joinInputs(parts: readonly TensorMap[]): TensorMap {
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? {};
  const joined: Record<string, Tensor> = {};
  for (const [name, { dims }] of Object.entries(first)) {
    const tensors = parts.map((part) => part[name]!);
    const rows = tensors.reduce((sum, tensor) => sum + tensor.dims[0]!, 0);
    joined[name] = { data: joinData(tensors), dims: [rows, ...dims.slice(1)] };
  }
  return joined;
}

/** The rows of each caller, in arrays of their own. */
export function splitOutputs(outputs: TensorMap, rowCounts: readonly number[]): TensorMap[] {
  let row = 0;
  return rowCounts.map((rows) => {
    const own: Record<string, Tensor> = {};
    for (const [name, { data, dims }] of Object.entries(outputs)) {
      const step = data.length / dims[0]!;
      const part = data.slice(row * step, (row + rows) * step);
      own[name] = { data: part, dims: [rows, ...dims.slice(1)] };
    }
    row += rows;
    return own;
  });
}

function joinData(tensors: readonly Tensor[]): Tensor['data'] {
  const length = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const out = emptyLike(tensors[0]!.data, length);
  const bytes = new Uint8Array(out.buffer);
  let at = 0;
  for (const { data } of tensors) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return out;
}

function emptyLike(data: Tensor['data'], length: number): Tensor['data'] {
  if (data instanceof Float32Array) return new Float32Array(length);
  if (data instanceof Uint8Array) return new Uint8Array(length);
  if (data instanceof Int32Array) return new Int32Array(length);
  return new BigInt64Array(length);
}
