import type { Tensor } from '@avd/stage-kit';
import { excessOverTolerance } from '@avd/testing';
import type { GoldenArray } from '@avd/testing';
import { expect } from 'vitest';

/** Compares a result with a golden array at the tolerance stated for it; shapes may differ in axes of size 1. */
export function expectClose(actual: Tensor | undefined, expected: GoldenArray, what: string): void {
  expect(withoutOnes(actual?.dims ?? []), `shape of ${what}`).toEqual(withoutOnes(expected.shape));
  expectValuesClose(actual!.data as Float32Array, expected, what);
}

/** Compares values alone. */
export function expectValuesClose(
  actual: ArrayLike<number>,
  expected: GoldenArray,
  what: string,
): void {
  const excess = excessOverTolerance(
    actual,
    expected.data as ArrayLike<number>,
    expected.tolerance,
  );
  expect(
    excess,
    `${what}: difference above the tolerance ${expected.tolerance.abs}`,
  ).toBeLessThanOrEqual(0);
}

/** The first channels (axis 1) of a tensor of batch 1. */
export function firstChannels({ data, dims }: Tensor, count: number): Tensor {
  const [, channels = 0, ...rest] = dims;
  const perChannel = data.length / channels;
  return { data: data.slice(0, count * perChannel), dims: [1, count, ...rest] };
}

function withoutOnes(dims: readonly number[]): number[] {
  return dims.filter((dim) => dim !== 1);
}
