import { damaged, unsupported } from '../errors.js';

/** One entry of a TensorFlow.js weights manifest. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: {
    readonly dtype: string;
    readonly scale?: number;
    readonly min?: number;
  };
}

/** A constant of the network, row-major in TensorFlow's own order of axes. */
export interface Weight {
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/**
 * Decodes the weights file of a TensorFlow.js model: values stored one after another in the order of the
 * manifest, as float32 or int32, or shortened to float16, or to 8 or 16 bit integers q with value = q scale + min.
 *
 * @throws AvdError kind `model` when the file has another size than the manifest says
 */
export function decodeWeights(
  specs: readonly WeightSpec[],
  bytes: Uint8Array,
): Map<string, Weight> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const weights = new Map<string, Weight>();
  let offsetBytes = 0;
  for (const spec of specs) {
    const count = spec.shape.reduce((product, dim) => product * dim, 1);
    const stored = spec.quantization?.dtype ?? spec.dtype;
    const sizeBytes = count * elementBytes(stored);
    if (offsetBytes + sizeBytes > bytes.byteLength) throw damaged('its weights file is too short');
    const data = spec.dtype === 'int32' ? new Int32Array(count) : new Float32Array(count);
    readInto(data, view, offsetBytes, stored);
    const { quantization } = spec;
    if (quantization?.scale !== undefined) {
      for (let i = 0; i < count; i++) {
        data[i] = data[i]! * quantization.scale + (quantization.min ?? 0);
      }
    }
    weights.set(spec.name, { data, dims: spec.shape });
    offsetBytes += sizeBytes;
  }
  if (offsetBytes !== bytes.byteLength) throw damaged('its weights file is too long');
  return weights;
}

function elementBytes(dtype: string): number {
  switch (dtype) {
    case 'float32':
    case 'int32':
      return 4;
    case 'float16':
    case 'uint16':
      return 2;
    case 'uint8':
      return 1;
    default:
      throw unsupported(`weights of type ${dtype}`);
  }
}

function readInto(
  data: Float32Array | Int32Array,
  view: DataView,
  startBytes: number,
  dtype: string,
): void {
  const step = elementBytes(dtype);
  const halves = dtype === 'float16' ? halfTable() : undefined;
  for (let i = 0; i < data.length; i++) {
    const offsetBytes = startBytes + i * step;
    if (halves !== undefined) data[i] = halves[view.getUint16(offsetBytes, true)]!;
    else if (dtype === 'float32') data[i] = view.getFloat32(offsetBytes, true);
    else if (dtype === 'int32') data[i] = view.getInt32(offsetBytes, true);
    else if (dtype === 'uint16') data[i] = view.getUint16(offsetBytes, true);
    else data[i] = view.getUint8(offsetBytes);
  }
}

let halves: Float32Array | undefined;

/** All 65536 half precision numbers: looking them up is ten times faster than computing millions of them. */
function halfTable(): Float32Array {
  halves ??= Float32Array.from({ length: 0x10000 }, (_, bits) => halfToFloat(bits));
  return halves;
}

/** IEEE 754 binary16 bits to a number. */
export function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
