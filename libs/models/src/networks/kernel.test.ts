import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Weights } from '../checkpoint/index.js';
import {
  foldInputAffine,
  joinOutputs,
  readBatchNorm,
  readKernel,
  reorderInputs,
  sliceInputs,
} from './kernel.js';
import type { Kernel } from './kernel.js';

/** Weights from plain lists. */
function weightsFrom(tensors: Readonly<Record<string, readonly number[]>>): Weights {
  return { read: async (name) => Float32Array.from(tensors[name]!) };
}

/** A linear layer, computed the plain way. */
function apply({ weight, dims, bias }: Kernel, input: readonly number[]): number[] {
  const [outputs = 0, inputs = 0] = dims;
  return Array.from({ length: outputs }, (_, out) =>
    input.reduce((sum, x, c) => sum + x * weight[out * inputs + c]!, bias?.[out] ?? 0),
  );
}

const number = fc.double({ min: -2, max: 2, noNaN: true });
const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });

describe('readKernel', () => {
  it('gives the same as the layer followed by its batch norm', async () => {
    await fc.assert(
      fc.asyncProperty(
        numbers(6),
        numbers(2),
        fc.array(numbers(2), { minLength: 3, maxLength: 3 }),
        numbers(3),
        async (weight, bias, [gamma = [], beta = [], mean = []], input) => {
          const variance = [0.5, 1.7];
          const weights = weightsFrom({
            'fc.weight': weight,
            'fc.bias': bias,
            'bn.weight': gamma,
            'bn.bias': beta,
            'bn.running_mean': mean,
            'bn.running_var': variance,
          });
          const plain = await readKernel(weights, 'fc', [2, 3], { hasBias: true });
          const expected = apply(plain, input).map(
            (y, c) => ((y - mean[c]!) / Math.sqrt(variance[c]! + 1e-3)) * gamma[c]! + beta[c]!,
          );
          const options = { hasBias: true, batchNorm: 'bn', epsilon: 1e-3 };
          const folded = await readKernel(weights, 'fc', [2, 3], options);
          apply(folded, input).forEach((y, c) => expect(y).toBeCloseTo(expected[c]!, 4));
        },
      ),
    );
  });
});

describe('kernels', () => {
  const kernel: Kernel = {
    weight: Float32Array.of(1, 2, 3, 4, 5, 6),
    dims: [2, 3],
    bias: Float32Array.of(10, 20),
  };

  it('take over an affine step before them', async () => {
    const norm = await readBatchNorm(
      weightsFrom({
        'bn.weight': [2, 2, 2],
        'bn.bias': [1, 0, -1],
        'bn.running_mean': [0, 1, 0],
        'bn.running_var': [4, 4, 4],
      }),
      'bn',
      3,
      0,
    );
    // The norm makes (5, 5, 5) into (6, 4, 4).
    expect(apply(foldInputAffine(kernel, norm), [5, 5, 5])).toEqual(apply(kernel, [6, 4, 4]));
  });

  it('take their inputs in another order', () => {
    expect(apply(reorderInputs(kernel, [2, 0, 1]), [3, 1, 2])).toEqual(apply(kernel, [1, 2, 3]));
  });

  it('are cut into parts that add up', () => {
    const head = apply({ ...sliceInputs(kernel, 0, 1), bias: kernel.bias! }, [7]);
    const tail = apply(sliceInputs(kernel, 1, 3), [8, 9]);
    expect(head.map((y, c) => y + tail[c]!)).toEqual(apply(kernel, [7, 8, 9]));
  });

  it('are joined into one with the outputs of both', () => {
    const second: Kernel = { weight: Float32Array.of(1, 1, 1), dims: [1, 3] };
    const joined = joinOutputs(kernel, second);
    expect(joined.dims).toEqual([3, 3]);
    expect(apply(joined, [1, 2, 3])).toEqual([...apply(kernel, [1, 2, 3]), 6]);
  });

  it('keep the places of a convolution together', () => {
    const conv: Kernel = { weight: Float32Array.of(1, 2, 3, 4), dims: [1, 2, 2] };
    expect([...reorderInputs(conv, [1, 0]).weight]).toEqual([3, 4, 1, 2]);
    expect([...sliceInputs(conv, 1, 2).weight]).toEqual([3, 4]);
  });
});
