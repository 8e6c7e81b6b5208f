import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { networkGraphs } from '@avd/models';
import type { GraphForm } from '@avd/models';
import { madeUpWeights } from '@avd/models/testing';
import type { Model, Tensor } from '@avd/stage-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModelPool } from '../model-pool.js';

/** Noise with a gradient, so that every place of the picture differs. */
function picture(count: number, height: number, width: number): Tensor {
  const data = Uint8Array.from(
    { length: count * height * width * 3 },
    (_, i) => (i * 7919 + (i >> 8) * 31) % 256,
  );
  return { data, dims: [count, height, width, 3] };
}

/** Sizes with every remainder of 4, on every level of the network, also where a level is smaller than a tile. */
const SIZES = [
  [28, 28],
  [32, 36],
  [33, 47],
  [50, 29],
  [63, 90],
] as const;

describe('S3FD with Winograd convolutions', () => {
  let dir = '';
  let pool: ReturnType<typeof createModelPool>;
  let plain: Model;
  let winograd: Model;
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'avd-forms-'));
    const fileOf = (form: string): string => path.join(dir, `${form}.onnx`);
    pool = createModelPool({
      threads: 1,
      locate: async (name) => ({ name, path: fileOf(name), sha256: '' }),
    });
    for (const form of ['plain', 'winograd'] satisfies GraphForm[]) {
      const { graph } = await networkGraphs.s3fd(madeUpWeights('s3fd'), form);
      await writeFile(fileOf(form), graph.encode());
    }
    plain = await pool.load('plain');
    winograd = await pool.load('winograd');
  });
  afterAll(async () => {
    await pool[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  it.each(SIZES)('gives what the plain one gives for %i x %i pixels', async (height, width) => {
    const image = picture(1, height, width);
    expectClose((await winograd.run({ image }))['loc'], (await plain.run({ image }))['loc']);
  });

  it('gives what the plain one gives for a batch', async () => {
    const image = picture(3, 34, 45);
    expectClose((await winograd.run({ image }))['loc'], (await plain.run({ image }))['loc']);
  });
});

/** Equal but for rounding: within 2e-5 of the largest number. */
function expectClose(actual: Tensor | undefined, expected: Tensor | undefined): void {
  expect(actual?.dims).toEqual(expected?.dims);
  const values = expected!.data as Float32Array;
  let largest = 0;
  let difference = 0;
  for (const [i, value] of (actual!.data as Float32Array).entries()) {
    largest = Math.max(largest, Math.abs(values[i]!));
    difference = Math.max(difference, Math.abs(value - values[i]!));
  }
  expect(largest).toBeGreaterThan(0);
  expect(difference / largest).toBeLessThan(2e-5);
}
