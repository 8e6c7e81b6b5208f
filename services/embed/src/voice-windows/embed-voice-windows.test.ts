import type { Model, StageContext } from '@avd/stage-kit';
import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embedVoiceWindows, voiceWindowCount, type VoiceWindows } from './embed-voice-windows.js';

/** Like real networks it minds, a little, how many windows are computed at once. */
const network: Model = {
  name: 'resnetse34v2',
  sha256: '',
  run: async ({ samples }) => {
    const [count = 0, length = 0] = samples!.dims;
    const data = Float32Array.from({ length: count * 2 }, (_, i) => {
      const row = Math.floor(i / 2);
      return i % 2 === 0
        ? Number(samples!.data[row * length]) * 32_768
        : Number(samples!.data[(row + 1) * length - 1]) * 32_768 + count * 1e-3;
    });
    await Promise.resolve();
    return { embedding: { data, dims: [count, 2] } };
  },
};

function contextOf(sampleCount: number): StageContext {
  const valueAt = (sample: number): number =>
    Math.floor(sample / 3200) * 10 + (sample % 3200 > 0 ? 1 : 0);
  return {
    signal: new AbortController().signal,
    report: () => undefined,
    models: { load: async () => network },
    media: {
      info: { audio: { sampleCount }, durationSec: sampleCount / 16_000 },
      frames: () => {
        throw new Error('a medium of sound only');
      },
      samples: async (startSample, endSample) =>
        Int16Array.from({ length: endSample - startSample }, (_, i) => valueAt(startSample + i)),
    },
  };
}

async function embed(sampleCount: number, limits: readonly number[]): Promise<Float32Array> {
  const parts: VoiceWindows[] = [];
  for (let i = 1; i < limits.length; i++) {
    const range = { startSample: limits[i - 1]!, endSample: limits[i]! };
    parts.push(
      await embedVoiceWindows.run(range, { model: 'resnetse34v2' }, contextOf(sampleCount)),
    );
  }
  let next = 0;
  for (const { startWindow, embeddings } of parts) {
    if (embeddings.rowCount > 0) expect(startWindow).toBe(next);
    next += embeddings.rowCount;
  }
  const bytes = Buffer.concat(
    parts.map(({ embeddings }) => Buffer.from(embeddings.data, 'base64')),
  );
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

describe('embedVoiceWindows', () => {
  it.skipIf(!hasShared)('has as many windows as the reference', () => {
    const { window_count_by_samples: counts } = new GoldenCase('networks/speakernet_run').values<{
      window_count_by_samples: Record<string, number>;
    }>();
    for (const [sampleCount, count] of Object.entries(counts)) {
      expect(voiceWindowCount(Number(sampleCount)), sampleCount).toBe(count);
    }
  });

  it('looks at 2 s every 0.2 s', async () => {
    const rows = await embed(96_000, [0, 96_000]);
    expect(rows.length).toBe(20 * 2);
    for (let window = 0; window < 20; window++) {
      expect(rows[2 * window]).toBe(window * 10);
      expect(Math.floor(rows[2 * window + 1]!)).toBe((window + 9) * 10 + 1);
    }
  });

  it('gives the same bytes however the sound is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 200_000 }),
        fc.array(fc.integer({ min: 0, max: 200_000 }), { maxLength: 6 }),
        async (sampleCount, cuts) => {
          const inner = cuts.filter((cut) => cut < sampleCount);
          const limits = [...new Set([0, ...inner, sampleCount])].sort((a, b) => a - b);
          expect(await embed(sampleCount, limits)).toEqual(
            await embed(sampleCount, [0, sampleCount]),
          );
        },
      ),
      { numRuns: 12 },
    );
  });

  it('has nothing to say about 2 s or less', async () => {
    expect((await embed(32_000, [0, 32_000])).length).toBe(0);
  });

  it('stops when it is told to', async () => {
    const context = { ...contextOf(320_000), signal: AbortSignal.abort() };
    const range = { startSample: 0, endSample: 320_000 };
    await expect(embedVoiceWindows.run(range, { model: 'ecapa-tdnn' }, context)).rejects.toThrow(
      /abort/i,
    );
  });
});
