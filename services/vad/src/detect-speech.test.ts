import { AvdError } from '@avd/domain';
import type { Progress, StageContext } from '@avd/stage-kit';
import { GoldenCase, excessOverTolerance, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { detectSpeech, type DetectSpeechInput, type DetectSpeechOutput } from './detect-speech.js';
import type { DetectSpeechParams } from './params.js';
import { readGoldenWav } from './testing/golden-wav.js';
import { createMemoryMedia } from './testing/memory-media.js';
import { createScriptedSilero } from './testing/scripted-silero.js';

interface Setup extends Partial<StageContext> {
  readonly input?: Partial<DetectSpeechInput>;
  readonly probabilities?: ArrayLike<number>;
}

function detect(
  samples: Int16Array,
  params: DetectSpeechParams,
  setup: Setup = {},
): Promise<DetectSpeechOutput> {
  const { input, probabilities = [], ...overrides } = setup;
  const ctx: StageContext = {
    signal: new AbortController().signal,
    media: createMemoryMedia(samples),
    models: createScriptedSilero(probabilities),
    report: () => undefined,
    ...overrides,
  };
  return detectSpeech.run({ sampleCount: samples.length, ...input }, params, ctx);
}

const webrtc: DetectSpeechParams = { detector: 'pywebrtcvad' };
const silero: DetectSpeechParams = { detector: 'silero' };

/** [start, duration] of the reference. */
type Pairs = [number, number][];
const toSegments = (pairs: Pairs): { startSec: number; endSec: number }[] =>
  pairs.map(([startSec, durationSec]) => ({ startSec, endSec: startSec + durationSec }));

describe.skipIf(!hasShared)('vad.DetectSpeech against Vad.run', () => {
  it('finds the same segments with WebRTC in every mode', async () => {
    const { run_webrtc_segments: expected } = new GoldenCase('audio/webrtcvad').values<{
      run_webrtc_segments: { data: Record<string, Record<string, Pairs>> };
    }>();
    for (const [file, byMode] of Object.entries(expected.data)) {
      for (const [mode, pairs] of Object.entries(byMode)) {
        const params = { ...webrtc, mode: Number(mode) as 0 | 1 | 2 | 3 };
        const { segments } = await detect(readGoldenWav(`audio/wav/${file}`), params);
        expect(segments, `${file} mode ${mode}`).toEqual(toSegments(pairs));
      }
    }
  });

  it('finds the same segments where frames end exactly with the sound', async () => {
    const { exact_multiple: expected } = new GoldenCase('audio/webrtcvad').values<{
      exact_multiple: { data: Record<string, { segments: Pairs }> };
    }>();
    const samples = readGoldenWav('audio/wav/a_16k.wav');
    for (const [sampleCount, { segments: pairs }] of Object.entries(expected.data)) {
      const { segments } = await detect(samples.slice(0, Number(sampleCount)), {
        ...webrtc,
        mode: 0,
      });
      expect(segments, `${sampleCount} samples`).toEqual(toSegments(pairs));
    }
  });

  it('finds the same segments in the sound of the complete run and of its tracks', async () => {
    const { vad_webrtc: expected } = new GoldenCase('e2e').values<{
      vad_webrtc: Record<string, Pairs>;
    }>();
    for (const [file, pairs] of Object.entries(expected)) {
      const samples = readGoldenWav(file === 'audio.wav' ? `e2e/${file}` : `e2e/crop_${file}`);
      expect((await detect(samples, webrtc)).segments, file).toEqual(toSegments(pairs));
    }
  });

  it('finds the same segments with the probabilities of Silero', async () => {
    const golden = new GoldenCase('audio/silero');
    const { run_silero_segments: expected } = golden.values<{
      run_silero_segments: { data: Record<string, Pairs> };
    }>();
    for (const [file, pairs] of Object.entries(expected.data)) {
      const probabilities = golden.array(`probs_${file[0]}`).data as Float32Array;
      const output = await detect(readGoldenWav(`audio/wav/${file}`), silero, { probabilities });
      expect(output.segments, file).toEqual(toSegments(pairs));
      expect(
        excessOverTolerance(output.probabilities!, probabilities, { abs: 5.001e-5, rel: 0 }),
      ).toBeLessThanOrEqual(0);
    }
  });

  it('feeds Silero the windows of the reference, each with the end of the one before', async () => {
    const golden = new GoldenCase('audio/silero');
    const models = createScriptedSilero([]);
    await detect(readGoldenWav('audio/wav/a_16k.wav'), silero, {
      models,
      input: { startSample: 80_000, sampleCount: 1024 },
    });
    expect(models.calls.map((call) => call['input'])).toEqual([
      { data: golden.array('win0_input').data, dims: [1, 576] },
      { data: golden.array('win1_input').data, dims: [1, 576] },
    ]);
  });
});

describe('vad.DetectSpeech', () => {
  /** Bursts of a rough vowel, half a second long, with half a second of silence between. */
  const bursts = (sampleCount: number): Int16Array =>
    Int16Array.from({ length: sampleCount }, (_, i) =>
      i % 16_000 < 8000
        ? 6000 * (Math.sin(i * 0.06) + Math.sin(i * 0.18 + Math.sin(i * 0.001)) * Math.sin(i * 0.4))
        : 0,
    );

  it.each([webrtc, silero])(
    'finds nothing in no, very short and silent sound: $detector',
    async (params) => {
      expect((await detect(new Int16Array(0), params)).segments).toEqual([]);
      expect((await detect(bursts(100), params, { probabilities: [1] })).segments).toEqual([]);
      expect((await detect(new Int16Array(50_000), params)).segments).toEqual([]);
    },
  );

  it('gives one probability per started window of 512 samples', async () => {
    const counts = await Promise.all(
      [0, 1, 512, 513].map(
        async (sampleCount) => (await detect(bursts(sampleCount), silero)).probabilities!.length,
      ),
    );
    expect(counts).toEqual([0, 1, 1, 2]);
  });

  it('carries the state of Silero from window to window and fills the last one with zeros', async () => {
    const models = createScriptedSilero([]);
    await detect(bursts(1100), silero, { models });
    expect(models.calls.map((call) => call['state']!.data[255])).toEqual([0, 1, 2]);
    expect(models.calls[2]!['input']!.data.slice(64 + 76).every((value) => value === 0)).toBe(true);
    expect(models.calls[2]!['sr']).toEqual({ data: BigInt64Array.of(16_000n), dims: [] });
  });

  it('listens to a span as if it were the whole sound', async () => {
    const samples = bursts(80_000);
    const alone = await detect(samples.slice(6400, 70_400), webrtc);
    const span = await detect(samples, webrtc, {
      input: { startSample: 6400, sampleCount: 64_000 },
    });
    expect(alone.segments.length).toBeGreaterThan(0);
    expect(span).toEqual(alone);
  });

  it('reads long sound in blocks without a trace of them in the result', async () => {
    const samples = bursts(1_100_000);
    const media = createMemoryMedia(samples);
    const { segments } = await detect(samples, webrtc, { media });
    expect(media.reads).toEqual([
      [0, 491_520],
      [491_520, 983_040],
      [983_040, 1_100_000],
    ]);
    expect(segments.length).toBeGreaterThan(50);
    // The signal repeats every second, the detector has settled: so do the segments, also across blocks.
    const starts = segments.slice(10).map((segment) => segment.startSec);
    const stepsSec = starts.slice(1).map((startSec, i) => startSec - starts[i]!);
    for (const stepSec of stepsSec) expect(Math.abs(stepSec - 1)).toBeLessThan(0.1);
  });

  it('reports the seconds done', async () => {
    const reports: Progress[] = [];
    await detect(bursts(600_000), webrtc, { report: (progress) => reports.push(progress) });
    expect(reports).toEqual([
      { done: 31, total: 38, unit: 'seconds' },
      { done: 38, total: 38, unit: 'seconds' },
    ]);
  });

  it('keeps exact times when rounding is off', async () => {
    const probabilities = [0, ...new Array<number>(20).fill(0.9), ...new Array<number>(20).fill(0)];
    const params = { ...silero, roundToTenthSec: false, speechPadMs: 0 };
    const { segments } = await detect(new Int16Array(41 * 512), params, { probabilities });
    expect(segments).toEqual([{ startSec: 0.032, endSec: 0.672 }]);
  });

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort();
    await expect(detect(bursts(1000), webrtc, { signal })).rejects.toThrow(/abort/i);
    await expect(detect(bursts(1000), silero, { signal })).rejects.toThrow(/abort/i);
  });

  it('says so when the sound ends before it should', async () => {
    const failure = detect(bursts(16_000), webrtc, { input: { sampleCount: 20_000 } });
    await expect(failure).rejects.toMatchObject({ kind: 'media', reason: 'SOUND_TOO_SHORT' });
  });

  it.each([
    { detector: 'energy' },
    { detector: 'pywebrtcvad', mode: 4 },
    { detector: 'pywebrtcvad', frameMs: 25 },
    { detector: 'pywebrtcvad', paddingMs: 20 },
    { detector: 'silero', threshold: 0 },
    { detector: 'silero', threshold: Number.NaN },
    { detector: 'silero', minSpeechMs: -1 },
    { detector: 'silero', maxSpeechSec: 0 },
  ])('refuses the parameters %j', async (params) => {
    const failure = detect(bursts(1000), params as DetectSpeechParams);
    await expect(failure).rejects.toBeInstanceOf(AvdError);
    await expect(failure).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'INVALID_VAD_PARAMS',
    });
  });
});
