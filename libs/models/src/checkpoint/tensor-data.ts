import type { ByteSource } from './byte-source.js';
import { BYTES_PER_ELEMENT } from './pickle-values.js';
import type { CheckpointTensor, DType } from './pickle-values.js';

/** Values of a tensor, row-major. 16-bit floats are widened; bool is 0 or 1. */
export type TensorData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

/**
 * Reads the values of a tensor from the file: no more than the part of the storage which the tensor shows.
 * @param storageOffset where its storage starts in the file
 * @returns a new array, the caller's own
 */
export async function readTensorData(
  source: ByteSource,
  tensor: CheckpointTensor,
  storageOffset: number,
): Promise<TensorData> {
  const { shape, strides, offsetElements, storage } = tensor;
  const elementCount = shape.reduce((product, dim) => product * dim, 1);
  if (shape.includes(0)) return decode(new ArrayBuffer(0), storage.dtype);
  const elementBytes = BYTES_PER_ELEMENT[storage.dtype];
  const spanElements = shape.reduce((span, dim, axis) => span + (dim - 1) * strides[axis]!, 1);
  const span = await source.read(
    storageOffset + offsetElements * elementBytes,
    spanElements * elementBytes,
  );
  const data = decode(span.buffer, storage.dtype);
  if (isRowMajor(shape, strides)) return data;
  const gathered = decode(new ArrayBuffer(elementCount * elementBytes), storage.dtype);
  forEachElement(shape, strides, elementCount, (to, from) => {
    gathered[to] = data[from]!;
  });
  return gathered;
}

/** True when the elements lie in the file in their order. */
function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Visits the elements in row-major order; `from` is their place in the storage, from the first one on. */
function forEachElement(
  shape: readonly number[],
  strides: readonly number[],
  elementCount: number,
  visit: (to: number, from: number) => void,
): void {
  const position = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < elementCount; to++) {
    visit(to, from);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      position[axis]! += 1;
      if (position[axis]! < shape[axis]!) break;
      from -= position[axis]! * strides[axis]!;
      position[axis] = 0;
    }
  }
}

function decode(buffer: ArrayBuffer, dtype: DType): TensorData {
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return new Float64Array(buffer);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), halfToFloat);
    case 'bfloat16':
      return widenBfloat16(new Uint16Array(buffer));
    case 'int64':
      return new BigInt64Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'int16':
      return new Int16Array(buffer);
    case 'int8':
      return new Int8Array(buffer);
    case 'uint8':
      return new Uint8Array(buffer);
    case 'bool':
      return Uint8Array.from(new Uint8Array(buffer), (byte) => (byte === 0 ? 0 : 1));
  }
}

/** IEEE 754 binary16 to a number, exactly. */
function halfToFloat(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a float32. */
function widenBfloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(words.buffer);
}
