import { describe, expect, it } from 'vitest';
import { VOICE_HALO_SAMPLES, voiceFeatures, voiceFrameCount } from './voice-features.js';
import { CEPSTRUM_COUNT, toVoiceByte, VOICE_COLUMNS } from './voice-frames.js';

const width = VOICE_COLUMNS.length;

/** Features of frames 0 .. count - 1 of an endless signal. */
function featuresOf(signal: (sec: number) => number, frameCount: number): Int8Array {
  const samples = Int16Array.from({ length: frameCount * 160 + 2 * VOICE_HALO_SAMPLES }, (_, i) =>
    Math.round(32_767 * signal((i - VOICE_HALO_SAMPLES) / 16_000)),
  );
  return voiceFeatures(samples, frameCount);
}

function valueOf(features: Int8Array, frame: number, column: number): number {
  const { scale, offset } = VOICE_COLUMNS[column]!;
  return features[frame * width + column]! * scale + offset;
}

/** Like a voice: harmonics of a tone falling with frequency. */
function voice(pitchHz: number, level: number): (sec: number) => number {
  return (sec) => {
    let sum = 0;
    for (let k = 1; k <= 20; k++) sum += Math.sin(2 * Math.PI * k * pitchHz * sec + k) / k;
    return level * sum;
  };
}

describe('voiceFeatures', () => {
  it.each([75, 110, 163, 220, 305, 400])('finds a pitch of %d Hz within 2 %%', (pitchHz) => {
    const features = featuresOf(voice(pitchHz, 0.1), 20);
    for (let t = 0; t < 20; t++) {
      expect(Math.exp(valueOf(features, t, CEPSTRUM_COUNT + 1))).toBeGreaterThan(0.98 * pitchHz);
      expect(Math.exp(valueOf(features, t, CEPSTRUM_COUNT + 1))).toBeLessThan(1.02 * pitchHz);
      expect(valueOf(features, t, CEPSTRUM_COUNT + 2)).toBeGreaterThan(0.8);
    }
  });

  it('hears no pitch in noise', () => {
    let state = 1;
    const features = featuresOf(() => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return 0.1 * (state / 2 ** 31 - 1);
    }, 50);
    let voiced = 0;
    for (let t = 0; t < 50; t++) if (valueOf(features, t, CEPSTRUM_COUNT + 2) > 0.7) voiced++;
    expect(voiced).toBeLessThan(5);
  });

  it('keeps the cepstrum when the sound is twice as loud, and says so in the energy', () => {
    const quiet = featuresOf(voice(120, 0.1), 5);
    const loud = featuresOf(voice(120, 0.2), 5);
    for (let t = 0; t < 5; t++) {
      for (let k = 0; k < CEPSTRUM_COUNT; k++) {
        expect(Math.abs(loud[t * width + k]! - quiet[t * width + k]!)).toBeLessThanOrEqual(1);
      }
      const gain = valueOf(loud, t, CEPSTRUM_COUNT) - valueOf(quiet, t, CEPSTRUM_COUNT);
      expect(gain).toBeCloseTo(Math.log(4), 0);
    }
  });

  it('is finite for digital silence', () => {
    const features = featuresOf(() => 0, 3);
    expect(valueOf(features, 0, CEPSTRUM_COUNT)).toBeLessThan(-19);
    expect(valueOf(features, 0, CEPSTRUM_COUNT + 2)).toBeCloseTo(0, 1);
  });

  it('has one frame for every 160 samples begun', () => {
    expect([0, 1, 160, 161].map(voiceFrameCount)).toEqual([0, 1, 1, 2]);
  });
});

describe('toVoiceByte', () => {
  it('rounds to the nearest byte and clips', () => {
    const column = { name: 'c1', scale: 0.25, offset: 1 };
    expect([1, 1.3, 1000, -1000].map((value) => toVoiceByte(value, column))).toEqual([
      0, 1, 127, -127,
    ]);
  });
});
