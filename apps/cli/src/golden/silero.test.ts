import { createModelPool } from '@avd/inference';
import type { ModelPool } from '@avd/stage-kit';
import { excessOverTolerance, GoldenCase, hasShared } from '@avd/testing';
import { detectSpeech } from '@avd/vad';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageContext, toSpans, wavMedia } from './golden-media.js';

type Pairs = readonly (readonly [number, number])[];

// The real network in the real pool.
describe.skipIf(!hasShared)('speech that Silero finds', () => {
  let models: ModelPool & AsyncDisposable;
  beforeAll(() => {
    models = createModelPool({ threads: 1 });
  });
  afterAll(() => models[Symbol.asyncDispose]());

  async function detect(file: string) {
    const media = await wavMedia(file);
    const { sampleCount } = media.info.audio!;
    return detectSpeech.run({ sampleCount }, { detector: 'silero' }, stageContext(media, models));
  }

  it.each(['a', 'b', 'c', 'd', 'e'])('is that of the reference in recording %s', async (name) => {
    const golden = new GoldenCase('audio/silero');
    const { run_silero_segments: expected } = golden.values<{
      run_silero_segments: { data: Record<string, Pairs> };
    }>();
    const file = `${name}_16k.wav`;
    const { segments, probabilities } = await detect(golden.file(`../wav/${file}`));
    expect(segments).toEqual(toSpans(expected.data[file]!));
    const { data, tolerance } = golden.array(`probs_${name}`);
    // The stage rounds to four decimals.
    const rounded = { abs: tolerance.abs + 5e-5, rel: tolerance.rel };
    const excess = excessOverTolerance(probabilities!, data as Float32Array, rounded);
    expect(excess).toBeLessThanOrEqual(0);
  });
});
