import type { WritableTensor } from './write-checkpoint.js';

/** One entry of the tensor lists of the golden vectors (`networks/<network>/state_dict.json`). */
export interface TensorRule {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int64';
  readonly rule: string;
  readonly gain?: number;
}

/** Middle of the values of the L2 norm weights of S3FD. */
const L2_NORM_SCALES: Readonly<Record<string, number>> = {
  'L2Norm3_3.weight': 10,
  'L2Norm4_3.weight': 8,
  'L2Norm5_3.weight': 5,
};

/** 32-bit FNV-1a hash of the UTF-8 bytes of a text. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Fills `out` with numbers of the mulberry32 generator, range [0, 1), each mapped by `map`. */
export function fillMulberry32(seed: number, out: Float32Array, map: (u: number) => number): void {
  let state = seed >>> 0;
  for (let i = 0; i < out.length; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    out[i] = map(((t ^ (t >>> 14)) >>> 0) / 4294967296);
  }
}

/**
 * The made-up weights behind the golden vectors, in the order of the list: each tensor from a seed made of the
 * names of network and tensor.
 * @param constants values of the tensors which are not made up (rule `keep`)
 */
export function generatedWeights(
  network: string,
  rules: readonly TensorRule[],
  constants: Readonly<Record<string, Float32Array>> = {},
): WritableTensor[] {
  return rules.map(({ name, shape, dtype, rule, gain = 1 }) => ({
    name,
    shape,
    dtype,
    values: () => {
      const elementCount = shape.reduce((product, dim) => product * dim, 1);
      if (rule === 'zero') return new BigInt64Array(elementCount);
      if (rule === 'keep') return constants[name]!;
      const values = new Float32Array(elementCount);
      fillMulberry32(fnv1a(`${network}/${name}`), values, mapOf(name, shape, rule, gain));
      return values;
    },
  }));
}

function mapOf(
  name: string,
  shape: readonly number[],
  rule: string,
  gain: number,
): (u: number) => number {
  const fanIn = shape.slice(1).reduce((product, dim) => product * dim, 1);
  const bound = Math.sqrt(6 / fanIn);
  const l2Scale = L2_NORM_SCALES[name] ?? NaN;
  switch (rule) {
    case 'weight':
      return (u) => (2 * u - 1) * bound * gain;
    case 'bias':
      return (u) => (2 * u - 1) * 0.05;
    case 'bn_weight':
      return (u) => 0.8 + 0.4 * u;
    case 'bn_bias':
    case 'bn_mean':
      return (u) => (2 * u - 1) * 0.1;
    case 'bn_var':
      return (u) => 0.5 + u;
    case 'l2norm':
      return (u) => l2Scale * (0.8 + 0.4 * u);
    default:
      throw new Error(`unknown rule ${rule}`);
  }
}
