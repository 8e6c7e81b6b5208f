import { readFileSync } from 'node:fs';
import { hammingWindow, logMelSpectrogram, triangularMelBank } from '@avd/dsp';
import type { VoiceFrames } from '../types.js';

const BAND_COUNT = 40;
const CEPSTRUM_COUNT = 15;
const HOP_SAMPLES = 160;

/** Voice frames of a 16 kHz mono WAV file, much as the embed stage makes them, but without pitch. */
export function voicesOfWav(file: string): VoiceFrames {
  const samples = readWav(file);
  const logMel = logMelSpectrogram(samples, {
    window: hammingWindow(400),
    hopSamples: HOP_SAMPLES,
    fftSize: 512,
    bank: triangularMelBank({
      bandCount: BAND_COUNT,
      fftSize: 512,
      sampleRateHz: 16_000,
      lowHz: 60,
      highHz: 7600,
    }),
    logOffset: 1e-8,
    preEmphasis: 0.97,
  });
  const columns = [
    ...Array.from({ length: CEPSTRUM_COUNT }, (_, i) => ({
      name: `c${i + 1}`,
      scale: 0.25,
      offset: 0,
    })),
    { name: 'logEnergy', scale: 0.08, offset: -10 },
    { name: 'logPitchHz', scale: 1, offset: 0 },
    { name: 'voicing', scale: 1, offset: 0 },
  ];
  const frameCount = Math.floor(logMel.length / BAND_COUNT);
  const bytes = new Int8Array(frameCount * columns.length);
  for (let t = 0; t < frameCount; t++) {
    const bands = logMel.subarray(t * BAND_COUNT, (t + 1) * BAND_COUNT);
    const sound = samples.subarray(t * HOP_SAMPLES, t * HOP_SAMPLES + 400);
    const power = sound.reduce((sum, x) => sum + x * x, 0) / Math.max(1, sound.length);
    const values = [...cepstrum(bands), Math.log(power + 1e-9)];
    for (const [k, value] of values.entries()) {
      const { scale, offset } = columns[k]!;
      bytes[t * columns.length + k] = Math.max(
        -127,
        Math.min(127, Math.round((value - offset) / scale)),
      );
    }
  }
  return { startFrame: 0, frameCount, columns, data: Buffer.from(bytes.buffer).toString('base64') };
}

function cepstrum(bands: Float32Array): number[] {
  return Array.from({ length: CEPSTRUM_COUNT }, (_, k) =>
    bands.reduce(
      (sum, value, band) =>
        sum +
        value *
          Math.sqrt(2 / BAND_COUNT) *
          Math.cos((Math.PI * (k + 1) * (2 * band + 1)) / (2 * BAND_COUNT)),
      0,
    ),
  );
}

/** Samples in [-1, 1] of a PCM16 WAV file. */
function readWav(file: string): Float32Array {
  const bytes = readFileSync(file);
  let offset = 12;
  while (bytes.toString('latin1', offset, offset + 4) !== 'data')
    offset += 8 + bytes.readUInt32LE(offset + 4);
  const end = Math.min(bytes.length, offset + 8 + bytes.readUInt32LE(offset + 4));
  const count = (end - offset - 8) >> 1;
  return Float32Array.from(
    { length: count },
    (_, i) => bytes.readInt16LE(offset + 8 + 2 * i) / 32_768,
  );
}
