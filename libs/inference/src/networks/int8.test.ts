import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { networkGraphs, startCalibration } from '@avd/models';
import { madeUpWeights } from '@avd/models/testing';
import { expect, it } from 'vitest';
import { createModelPool } from '../model-pool.js';

const WINDOWS = 3;

/** MFCC-like numbers. */
function windows(seed: number) {
  const dims = [WINDOWS, 1, 13, 20];
  const data = Float32Array.from({ length: WINDOWS * 260 }, (_, i) => 3 * Math.sin(seed + i * i));
  return { mfcc: { data, dims } };
}

it('a network in 8 bits gives nearly the numbers of the one in float32', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-int8-'));
  const pool = createModelPool({
    threads: 1,
    locate: async (name) => ({ name, path: path.join(dir, name), sha256: '' }),
  });
  try {
    const { graph } = await networkGraphs['syncnet-audio'](madeUpWeights('syncnet-audio'));
    const calibration = startCalibration(graph.encode());
    await writeFile(path.join(dir, 'probe'), calibration.probe);
    const probe = await pool.load('probe');
    for (const seed of [0, 1, 2]) calibration.observe(await probe.run(windows(seed)));
    await writeFile(path.join(dir, 'int8'), calibration.finish());
    const rounded = await pool.load('int8');
    // Inputs which the ranges were not taken from.
    const expected = (await probe.run(windows(7)))['embeddings']!.data as Float32Array;
    const actual = (await rounded.run(windows(7)))['embeddings']!.data as Float32Array;
    let squares = 0;
    let errors = 0;
    for (const [i, value] of expected.entries()) {
      squares += value ** 2;
      errors += (value - actual[i]!) ** 2;
    }
    const distance = Math.sqrt(errors / squares);
    expect(distance).toBeGreaterThan(0);
    expect(distance).toBeLessThan(0.05);
  } finally {
    await pool[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  }
});
