import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wavHeader } from './wav-format.js';
import { WavReader } from './wav-reader.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'avd-wav-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const samples = Int16Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 65_536) - 32_768);

function write(name: string, ...parts: readonly Uint8Array[]): string {
  const file = path.join(dir, name);
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

const asBytes = (values: Int16Array) => new Uint8Array(values.buffer);

/** A header as other programs write it: extensible format, a LIST chunk of odd length. */
function foreignHeader(channelCount: number, dataBytes: number): Buffer {
  const format = Buffer.alloc(48);
  format.write('fmt ', 0, 'latin1');
  format.writeUInt32LE(40, 4);
  format.writeUInt16LE(0xfffe, 8);
  format.writeUInt16LE(channelCount, 10);
  format.writeUInt32LE(8000, 12);
  format.writeUInt16LE(16, 22);
  const list = Buffer.from('LIST\x03\0\0\0abc\0', 'latin1');
  const data = Buffer.from('data\0\0\0\0', 'latin1');
  data.writeUInt32LE(dataBytes, 4);
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), format, list, data]);
}

describe('WavReader', () => {
  it('reads any range as it was written and leaves out what is outside of the file', async () => {
    const file = write('own.wav', wavHeader(samples.length, 16_000), asBytes(samples));
    await using wav = await WavReader.open(file);
    expect([wav.sampleRateHz, wav.channelCount, wav.sampleCount]).toEqual([16_000, 1, 1000]);
    const position = fc.integer({ min: -50, max: 1100 });
    await fc.assert(
      fc.asyncProperty(position, position, async (start, end) => {
        const expected = samples.slice(Math.max(0, start), Math.max(0, end));
        expect(await wav.samples(start, end)).toEqual(expected);
      }),
    );
  });

  it('reads files of other programs: extensible format, further chunks, two channels', async () => {
    const file = write('foreign.wav', foreignHeader(2, 2000), asBytes(samples));
    await using wav = await WavReader.open(file);
    expect([wav.sampleRateHz, wav.channelCount, wav.sampleCount]).toEqual([8000, 2, 500]);
    expect(await wav.samples(10, 12)).toEqual(samples.slice(20, 24));
  });

  it('takes what is there of a file that was cut off or never completed', async () => {
    await using cut = await WavReader.open(
      write('cut.wav', wavHeader(5000, 16_000), asBytes(samples)),
    );
    expect(cut.sampleCount).toBe(1000);
    await using open = await WavReader.open(
      write('open.wav', wavHeader(0, 16_000), asBytes(samples)),
    );
    expect(open.sampleCount).toBe(1000);
  });

  it('refuses what is no 16-bit PCM WAV file', async () => {
    for (const head of ['', 'RIFF', 'hello, this is a text of some length'.repeat(9)]) {
      const opening = WavReader.open(write('no.wav', Buffer.from(head)));
      await expect(opening).rejects.toMatchObject({ kind: 'media', reason: 'NOT_A_WAV_FILE' });
    }
    const eightBit = Buffer.from(wavHeader(10, 16_000));
    eightBit.writeUInt16LE(8, 34);
    await expect(WavReader.open(write('8.wav', eightBit))).rejects.toMatchObject({
      reason: 'NOT_A_WAV_FILE',
    });
  });
});
