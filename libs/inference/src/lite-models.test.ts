import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createModelPool } from './model-pool.js';

interface CheckVector {
  readonly size: number;
  readonly outputs: Readonly<
    Record<string, { dims: readonly number[]; step: number; values: readonly number[] }>
  >;
}

const vectors = JSON.parse(
  readFileSync(new URL('../testdata/tfjs-outputs.json', import.meta.url), 'utf8'),
) as Record<string, CheckVector>;

/** Stripes with noise, channels first; a linear congruential generator makes the noise. */
function checkPicture(sizePx: number, seed: number): Uint8Array {
  const triangle = (value: number, period: number): number => {
    const phase = value % period;
    return phase < period / 2 ? phase : period - phase;
  };
  const pixels = new Uint8Array(3 * sizePx * sizePx);
  let state = seed >>> 0;
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < sizePx; y++) {
      for (let x = 0; x < sizePx; x++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const stripes = triangle(x * 2 + y * (c + 1), 160) + triangle(x * (c + 2) + 3 * y, 100);
        pixels[(c * sizePx + y) * sizePx + x] = Math.min(255, stripes + (state >>> 26));
      }
    }
  }
  return pixels;
}

/** What each network wants to see for a byte of the picture. */
const pixelValues: Readonly<Record<string, { scale: number; offset: number }>> = {
  blazeface: { scale: 1 / 127.5, offset: -1 },
  facemesh: { scale: 1 / 255, offset: 0 },
  faceres: { scale: 1, offset: 0 },
};

describe('converted networks', () => {
  const pool = createModelPool({ threads: 1 });
  afterAll(() => pool[Symbol.asyncDispose]());

  it.each(Object.keys(vectors))('%s gives the numbers of TensorFlow.js', async (name) => {
    const { size, outputs } = vectors[name]!;
    const model = await pool.load(name);
    const { scale, offset } = pixelValues[name]!;
    const image = Float32Array.from(checkPicture(size, 7), (byte) => byte * scale + offset);
    const results = await model.run({ image: { data: image, dims: [1, 3, size, size] } });
    expect(Object.keys(results).sort()).toEqual(Object.keys(outputs).sort());
    for (const [outputName, expected] of Object.entries(outputs)) {
      const actual = results[outputName]!;
      expect(actual.dims).toEqual(expected.dims);
      const largest = Math.max(1, ...expected.values.map(Math.abs));
      expected.values.forEach((value, i) => {
        const difference = Math.abs(Number(actual.data[i * expected.step]) - value);
        expect(difference, `${outputName}[${i * expected.step}]`).toBeLessThan(1e-5 * largest);
      });
    }
  });

  it('blazeface runs on any size that is a multiple of 32', async () => {
    const model = await pool.load('blazeface');
    const results = await model.run({
      image: { data: new Float32Array(3 * 64 * 160), dims: [1, 3, 64, 160] },
    });
    expect(results['scores16']?.dims).toEqual([1, 4 * 10 * 2, 1]);
    expect(results['boxes32']?.dims).toEqual([1, 2 * 5 * 6, 16]);
  });

  describe('silero-vad', () => {
    const sampleRate = { data: BigInt64Array.of(16000n), dims: [] };

    it('says there is no speech in silence', async () => {
      const model = await pool.load('silero-vad');
      const { output, stateN } = await model.run({
        input: { data: new Float32Array(576), dims: [1, 576] },
        state: { data: new Float32Array(256), dims: [2, 1, 128] },
        sr: sampleRate,
      });
      expect(output?.data[0]).toBeLessThan(0.1);
      expect(stateN?.dims).toEqual([2, 1, 128]);
    });
  });
});
