import { AvdError } from '@avd/domain';
import type { StageContext } from '@avd/stage-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { embedVoices } from './embed-voices.js';
import { VOICE_COLUMNS } from './voice-frames.js';

/** Sound of a given length with everything in it: tones, noise, silence. */
function soundOf(sampleCount: number): Int16Array {
  let state = 7;
  return Int16Array.from({ length: sampleCount }, (_, i) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const loudness = Math.floor(i / 4000) % 3;
    return (
      3000 * loudness * Math.sin(i / (20 + (i % 7000) / 500)) +
      400 * loudness * (state / 2 ** 31 - 1)
    );
  });
}

function contextOf(sound: Int16Array, signal = new AbortController().signal): StageContext {
  return {
    signal,
    media: {
      info: { durationSec: sound.length / 16_000, audio: { sampleCount: sound.length } },
      frames: () => {
        throw new Error('no picture');
      },
      samples: async (start, end) => {
        if (start < 0 || end > sound.length) throw new RangeError('outside of the sound');
        return sound.slice(start, end);
      },
    },
    models: { load: () => Promise.reject(new Error('no model')) },
    report: () => undefined,
  };
}

describe('embed.EmbedVoices', () => {
  it('gives the same bytes however the recording is cut', async () => {
    const sound = soundOf(20_077);
    const whole = await embedVoices.run(
      { startSample: 0, endSample: sound.length },
      {},
      contextOf(sound),
    );
    expect(whole.frameCount).toBe(126);
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: 125 }), { maxLength: 4 }),
        async (cuts) => {
          const edges = [
            0,
            ...cuts.sort((a, b) => a - b).map((frame) => frame * 160),
            sound.length,
          ];
          const pieces = await Promise.all(
            edges
              .slice(1)
              .map((endSample, i) =>
                embedVoices.run({ startSample: edges[i]!, endSample }, {}, contextOf(sound)),
              ),
          );
          let nextFrame = 0;
          for (const { startFrame, frameCount } of pieces) {
            expect(startFrame).toBe(nextFrame);
            nextFrame += frameCount;
          }
          const joined = Buffer.concat(pieces.map(({ data }) => Buffer.from(data, 'base64')));
          expect(joined.toString('base64')).toBe(whole.data);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('reads long sound in blocks without a seam', async () => {
    const sound = soundOf(61 * 16_000);
    const whole = await embedVoices.run(
      { startSample: 0, endSample: sound.length },
      {},
      contextOf(sound),
    );
    const width = VOICE_COLUMNS.length;
    const around = await embedVoices.run(
      { startSample: 59 * 16_000, endSample: 61 * 16_000 },
      {},
      contextOf(sound),
    );
    expect(
      Buffer.from(whole.data, 'base64')
        .subarray(5900 * width)
        .toString('base64'),
    ).toBe(around.data);
  });

  it('has no frames for no sound and one for a single sample', async () => {
    const none = await embedVoices.run({ startSample: 0, endSample: 0 }, {}, contextOf(soundOf(0)));
    expect(none).toMatchObject({ frameCount: 0, data: '' });
    const one = await embedVoices.run({ startSample: 0, endSample: 1 }, {}, contextOf(soundOf(1)));
    expect(one.frameCount).toBe(1);
  });

  it('refuses ranges off the grid, and stops when asked to', async () => {
    const sound = soundOf(1600);
    await expect(
      embedVoices.run({ startSample: 5, endSample: 1600 }, {}, contextOf(sound)),
    ).rejects.toThrow(AvdError);
    const aborted = contextOf(sound, AbortSignal.abort());
    await expect(
      embedVoices.run({ startSample: 0, endSample: 1600 }, {}, aborted),
    ).rejects.toThrow();
  });
});
