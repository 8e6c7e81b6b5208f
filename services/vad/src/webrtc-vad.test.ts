import { readFileSync } from 'node:fs';
import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { vadFrameCount } from './segment-collector.js';
import { readGoldenWav } from './testing/golden-wav.js';
import { openWebRtcVad, type WebRtcVadOptions } from './webrtc-vad.js';

/** Signal or file -> mode -> frame length in ms -> one character a frame. */
type Decisions = Record<string, Record<string, Record<string, string>>>;

async function decide(samples: Int16Array, options: WebRtcVadOptions): Promise<string> {
  const vad = await openWebRtcVad(options);
  let decisions = '';
  for (let i = 0; i < vadFrameCount(samples.length, vad.frameSamples); i++) {
    decisions += vad.isSpeech(samples.subarray(i * vad.frameSamples, (i + 1) * vad.frameSamples))
      ? '1'
      : '0';
  }
  vad.close();
  return decisions;
}

describe.skipIf(!hasShared)('openWebRtcVad against py-webrtcvad', () => {
  const golden = hasShared ? new GoldenCase('audio/webrtcvad') : undefined;

  async function expectAll(file: string, samplesOf: (name: string) => Int16Array): Promise<void> {
    const decisions = JSON.parse(readFileSync(golden!.file(file), 'utf8')) as Decisions;
    expect(Object.keys(decisions).length).toBeGreaterThan(5);
    for (const [name, byMode] of Object.entries(decisions)) {
      const sampleRateHz = (Number(/_(\d+)k\.wav$/.exec(name)?.[1] ?? 16) *
        1000) as WebRtcVadOptions['sampleRateHz'];
      for (const [mode, byFrameMs] of Object.entries(byMode)) {
        for (const [frameMs, expected] of Object.entries(byFrameMs)) {
          const options = {
            sampleRateHz,
            mode: Number(mode),
            frameMs: Number(frameMs),
          } as WebRtcVadOptions;
          expect(await decide(samplesOf(name), options), `${name} mode ${mode} ${frameMs} ms`).toBe(
            expected,
          );
        }
      }
    }
  }

  it('makes the same decision for every frame of the recordings at 8, 16, 32 and 48 kHz', async () => {
    await expectAll('decisions.json', (name) => readGoldenWav(`audio/wav/${name}`));
  });

  it('makes the same decision for every frame of the synthetic signals', async () => {
    await expectAll(
      'decisions_synthetic.json',
      (name) => golden!.array(`syn_${name}`).data as Int16Array,
    );
  });
});

describe('openWebRtcVad', () => {
  const hum = Int16Array.from(
    { length: 480 },
    (_, i) => 12_000 * Math.sin(i / 5) * Math.sin(i / 31),
  );

  it('gives every detector a state of its own', async () => {
    const options = { sampleRateHz: 16_000, mode: 3, frameMs: 30 } as const;
    const alone = await openWebRtcVad(options);
    const silence = new Int16Array(480);
    const frames = Array.from({ length: 60 }, (_, i) => (i % 20 < 8 ? hum : silence));
    const expected = frames.map((frame) => alone.isSpeech(frame));
    expect(new Set(expected).size).toBe(2);
    const first = await openWebRtcVad(options);
    const second = await openWebRtcVad(options);
    const interleaved = frames.map((frame) => {
      second.isSpeech(hum);
      return first.isSpeech(frame);
    });
    expect(interleaved).toEqual(expected);
    for (const vad of [alone, first, second]) vad.close();
  });

  it('refuses a frame of another length', async () => {
    const vad = await openWebRtcVad({ sampleRateHz: 16_000, mode: 0, frameMs: 20 });
    expect(() => vad.isSpeech(hum)).toThrow(RangeError);
    vad.close();
  });
});
