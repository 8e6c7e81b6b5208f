import type { Weights } from '../checkpoint/index.js';

/** Weights of a convolution or linear layer. */
export interface Kernel {
  /** Row-major, shape `dims`. */
  readonly weight: Float32Array;
  /** (output channels, input channels, kernel size along each axis) */
  readonly dims: readonly number[];
  /** Shape (output channels); absent when there is none. */
  readonly bias?: Float32Array;
}

export interface KernelOptions {
  /** It has a tensor `<name>.bias`. @default false */
  readonly hasBias?: boolean;
  /** Name of the batch norm right behind the layer, which becomes part of the kernel. */
  readonly batchNorm?: string;
  /** Of the batch norm. @default 1e-5 */
  readonly epsilon?: number;
}

/** What torch.nn.BatchNorm uses unless told otherwise. */
export const BATCH_NORM_EPSILON = 1e-5;

/**
 * Reads a layer, `<name>.weight` and maybe `<name>.bias`, from the checkpoint. Folding a batch norm in is exact up
 * to float32 rounding: it is computed in float64.
 */
export async function readKernel(
  weights: Weights,
  name: string,
  dims: readonly number[],
  options: KernelOptions = {},
): Promise<Kernel> {
  const channels = dims[0]!;
  const weight = await weights.read(`${name}.weight`, dims);
  const bias =
    options.hasBias === true ? await weights.read(`${name}.bias`, [channels]) : undefined;
  if (options.batchNorm === undefined) return { weight, dims, ...(bias && { bias }) };
  const norm = await readBatchNorm(weights, options.batchNorm, channels, options.epsilon);
  return foldBatchNorm({ weight, dims, ...(bias && { bias }) }, norm);
}

/** A batch norm at inference: value * scale + shift, for each channel. */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

export async function readBatchNorm(
  weights: Weights,
  name: string,
  channels: number,
  epsilon = BATCH_NORM_EPSILON,
): Promise<ChannelAffine> {
  const gamma = await weights.read(`${name}.weight`, [channels]);
  const beta = await weights.read(`${name}.bias`, [channels]);
  const mean = await weights.read(`${name}.running_mean`, [channels]);
  const variance = await weights.read(`${name}.running_var`, [channels]);
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c]! + epsilon));
  return { scale, shift: Float64Array.from(beta, (b, c) => b - mean[c]! * scale[c]!) };
}

/** The layer and a batch norm of its output as one layer. Takes over the array of the weights. */
function foldBatchNorm({ weight, dims, bias }: Kernel, { scale, shift }: ChannelAffine): Kernel {
  const perChannel = weight.length / scale.length;
  for (let i = 0; i < weight.length; i++) {
    weight[i] = weight[i]! * scale[Math.floor(i / perChannel)]!;
  }
  return {
    weight,
    dims,
    bias: Float32Array.from(shift, (value, c) => value + (bias?.[c] ?? 0) * scale[c]!),
  };
}

/** A layer whose input was scaled and shifted per channel, as a layer of the plain input. Kernel size 1 only. */
export function foldInputAffine({ weight, dims, bias }: Kernel, input: ChannelAffine): Kernel {
  const [outputs = 0, inputs = 0] = dims;
  const folded = new Float32Array(weight.length);
  const newBias = new Float32Array(outputs);
  for (let out = 0; out < outputs; out++) {
    let sum = bias?.[out] ?? 0;
    for (let c = 0; c < inputs; c++) {
      const value = weight[out * inputs + c]!;
      folded[out * inputs + c] = value * input.scale[c]!;
      sum += value * input.shift[c]!;
    }
    newBias[out] = sum;
  }
  return { weight: folded, dims, bias: newBias };
}

/** The layer for inputs whose channels come in another order: new input channel c was channel `order[c]`. */
export function reorderInputs(kernel: Kernel, order: readonly number[]): Kernel {
  const { weight, dims } = kernel;
  const [outputs = 0, inputs = 0, ...size] = dims;
  const block = size.reduce((product, dim) => product * dim, 1);
  const reordered = new Float32Array(weight.length);
  for (let out = 0; out < outputs; out++) {
    for (let c = 0; c < inputs; c++) {
      const from = (out * inputs + order[c]!) * block;
      reordered.set(weight.subarray(from, from + block), (out * inputs + c) * block);
    }
  }
  return { ...kernel, weight: reordered };
}

/** Part of the input channels of a layer without bias: [start, end). */
export function sliceInputs({ weight, dims }: Kernel, start: number, end: number): Kernel {
  const [outputs = 0, inputs = 0, ...size] = dims;
  const block = size.reduce((product, dim) => product * dim, 1);
  const part = new Float32Array(outputs * (end - start) * block);
  for (let out = 0; out < outputs; out++) {
    const from = (out * inputs + start) * block;
    const to = out * (end - start) * block;
    part.set(weight.subarray(from, from + (end - start) * block), to);
  }
  return { weight: part, dims: [outputs, end - start, ...size] };
}

/** Two layers over the same input as one: the outputs of `a`, then those of `b`. */
export function joinOutputs(a: Kernel, b: Kernel): Kernel {
  const [outputsOfA = 0, ...rest] = a.dims;
  const [outputsOfB = 0] = b.dims;
  const bias = new Float32Array(outputsOfA + outputsOfB);
  if (a.bias !== undefined) bias.set(a.bias);
  if (b.bias !== undefined) bias.set(b.bias, outputsOfA);
  const weight = new Float32Array(a.weight.length + b.weight.length);
  weight.set(a.weight);
  weight.set(b.weight, a.weight.length);
  return { weight, dims: [outputsOfA + outputsOfB, ...rest], bias };
}
