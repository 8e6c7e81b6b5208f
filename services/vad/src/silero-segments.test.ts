import { readFileSync } from 'node:fs';
import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleToTenthSec, sileroSegments, type SileroSegmentOptions } from './silero-segments.js';

const reference: SileroSegmentOptions = {
  threshold: 0.5,
  minSpeechMs: 250,
  minSilenceMs: 100,
  speechPadMs: 30,
};

interface LogicVectors {
  readonly sequences: Record<string, number[]>;
  readonly cases: readonly {
    readonly seq: string;
    readonly audio_samples: number;
    readonly kwargs: Partial<Record<string, number>> & { readonly return_seconds?: boolean };
    readonly result: { readonly start: number; readonly end: number }[];
  }[];
}

describe.skipIf(!hasShared)('sileroSegments against get_speech_timestamps', () => {
  const golden = hasShared ? new GoldenCase('audio/silero') : undefined;

  it('makes the same segments for all sequences and settings', () => {
    const vectors = JSON.parse(
      readFileSync(golden!.file('timestamps_logic.json'), 'utf8'),
    ) as LogicVectors;
    expect(vectors.cases.length).toBeGreaterThan(50);
    for (const { seq, audio_samples: sampleCount, kwargs, result } of vectors.cases) {
      const maxSpeechSec = kwargs['max_speech_duration_s'];
      const segments = sileroSegments(vectors.sequences[seq]!, sampleCount, {
        threshold: kwargs['threshold'] ?? reference.threshold,
        minSpeechMs: kwargs['min_speech_duration_ms'] ?? reference.minSpeechMs,
        minSilenceMs: kwargs['min_silence_duration_ms'] ?? reference.minSilenceMs,
        speechPadMs: kwargs['speech_pad_ms'] ?? reference.speechPadMs,
        ...(maxSpeechSec === undefined ? {} : { maxSpeechSec }),
      });
      const toUnit = kwargs.return_seconds === true ? sampleToTenthSec : (sample: number) => sample;
      const actual = segments.map((span) => ({
        start: toUnit(span.startSample),
        end: toUnit(span.endSample),
      }));
      expect(actual, `${seq} ${JSON.stringify(kwargs)}`).toEqual(result);
    }
  });

  it.each(['a', 'b', 'c', 'd', 'e'])(
    'makes the same segments from the probabilities of recording %s',
    (name) => {
      const { speech_timestamps: timestamps } = golden!.values<{
        speech_timestamps: Record<string, { samples: { start: number; end: number }[] }>;
      }>();
      const sampleCount = { a: 320_000, b: 197_530, c: 128_000, d: 87_552, e: 160_000 }[name]!;
      const spans = sileroSegments(
        golden!.array(`probs_${name}`).data as Float32Array,
        sampleCount,
        reference,
      );
      expect(spans.map((span) => ({ start: span.startSample, end: span.endSample }))).toEqual(
        timestamps[`${name}_16k.wav`]!.samples,
      );
    },
  );
});

describe('sileroSegments', () => {
  const probabilities = fc.array(
    fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)),
    { maxLength: 400 },
  );
  const limits = fc.record({
    threshold: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
    minSpeechMs: fc.integer({ min: 0, max: 500 }),
    minSilenceMs: fc.integer({ min: 0, max: 500 }),
    speechPadMs: fc.integer({ min: 0, max: 200 }),
    maxSpeechSec: fc.integer({ min: 1, max: 20 }),
  });

  it('makes segments in order, apart from each other and inside the sound', () => {
    fc.assert(
      fc.property(
        probabilities,
        limits,
        fc.integer({ min: 1, max: 512 }),
        (values, options, lastWindowSamples) => {
          const sampleCount =
            values.length === 0 ? 0 : (values.length - 1) * 512 + lastWindowSamples;
          let previousEnd = 0;
          for (const { startSample, endSample } of sileroSegments(values, sampleCount, options)) {
            expect(startSample).toBeGreaterThanOrEqual(previousEnd);
            expect(endSample).toBeGreaterThan(startSample);
            previousEnd = endSample;
          }
          expect(previousEnd).toBeLessThanOrEqual(sampleCount);
        },
      ),
    );
  });

  it('cuts speech without a pause when it reaches the limit', () => {
    const spans = sileroSegments(new Float32Array(200).fill(1), 200 * 512, {
      ...reference,
      maxSpeechSec: 2,
    });
    expect(spans.length).toBeGreaterThan(2);
    for (const span of spans)
      expect(span.endSample - span.startSample).toBeLessThanOrEqual(32_000 + 512);
  });
});

describe('sampleToTenthSec', () => {
  it.each([
    [4000, 0.2],
    [12_000, 0.8],
    [20_000, 1.2],
    [28_000, 1.8],
    [800, 0.1],
    [2400, 0.1],
    [32_736, 2],
    [0, 0],
  ])('rounds sample %d to %d s', (sample, sec) => {
    expect(sampleToTenthSec(sample)).toBe(sec);
  });
});
