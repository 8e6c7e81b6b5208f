import { readFileSync } from 'node:fs';
import path from 'node:path';
import { hasShared, sharedDir } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { fillMulberry32, fnv1a, generatedWeights } from './generated-weights.js';
import type { TensorRule } from './generated-weights.js';

interface CheckedTensor extends TensorRule {
  readonly first4: readonly number[];
  readonly last: number;
}

describe('the generator of made-up weights', () => {
  it('starts as mulberry32 does', () => {
    const values: number[] = [];
    fillMulberry32(12345, new Float32Array(3), (u) => {
      values.push(u);
      return u;
    });
    expect(values).toEqual([0.9797282677609473, 0.3067522644996643, 0.484205421525985]);
  });

  it('hashes names as FNV-1a does', () => {
    expect([fnv1a(''), fnv1a('a'), fnv1a('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });

  it.skipIf(!hasShared).each(['s3fd', 'resnetse', 'ecapa'])(
    'makes the weights of %s',
    (network) => {
      const file = path.join(sharedDir, 'golden/networks', network, 'state_dict.json');
      const list = JSON.parse(readFileSync(file, 'utf8')) as { tensors: CheckedTensor[] };
      // Every rule, but only the smaller tensors of it.
      const checked = list.tensors.filter(
        ({ shape, rule }) =>
          rule !== 'keep' && rule !== 'zero' && shape.reduce((a, b) => a * b, 1) < 40_000,
      );
      expect(checked.length).toBeGreaterThan(30);
      for (const [i, tensor] of generatedWeights(network, checked).entries()) {
        const values = Array.from(tensor.values(), Number);
        const { first4, last } = checked[i]!;
        expect([...values.slice(0, 4), values.at(-1)], tensor.name).toEqual([...first4, last]);
      }
    },
  );
});
