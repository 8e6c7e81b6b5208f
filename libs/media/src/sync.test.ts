import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MediaFile } from './open-media.js';
import { beepStartsSec, flashAndBeep, flashStartsSec } from './testing/flash-and-beep.js';
import { H264, TestMedia } from './testing/test-media.js';

const media = new TestMedia();
afterAll(() => media.remove());

const SAMPLE_SEC = 0.001;

async function expectStarts(file: MediaFile, flashSec: number, beepSec: number): Promise<void> {
  expect(await flashStartsSec(file)).toEqual([flashSec]);
  const beeps = await beepStartsSec(file);
  expect(beeps.length).toBe(1);
  expect(Math.abs(beeps[0]! - beepSec)).toBeLessThan(SAMPLE_SEC);
}

describe('picture and sound on one clock', () => {
  it.each([
    ['48 kHz 5.1 AAC', { sampleRateHz: 48_000, layout: '5.1' }, ['-c:a', 'aac'], 'surround.mp4'],
    ['8 kHz mono PCM', { sampleRateHz: 8000 }, ['-c:a', 'pcm_s16le'], 'phone.mkv'],
    ['44.1 kHz stereo MP3', { layout: 'stereo' }, ['-c:a', 'libmp3lame'], 'music.mp4'],
    ['29.97 pictures a second', { rate: '30000/1001' }, ['-c:a', 'aac'], 'ntsc.mp4'],
    ['60 pictures a second', { rate: '60' }, ['-c:a', 'aac'], 'sixty.mp4'],
  ])('agree for %s', async (_title, source, sound, name) => {
    const made = await media.make(...flashAndBeep(source), ...H264, ...sound, name);
    await using file = await media.open(made);
    expect(file.info.video?.frameCount).toBe(75);
    await expectStarts(file, 1, 1);
  });
});

describe('streams that do not start together', () => {
  let base: string;
  beforeAll(async () => {
    base = await media.make(...flashAndBeep(), ...H264, '-c:a', 'pcm_s16le', 'base.mov');
  });
  /** Joins the streams of the base file, one of them later. */
  const shifted = (videoSec: number, audioSec: number, name: string) =>
    media.make(
      ...['-itsoffset', String(videoSec), '-i', base, '-itsoffset', String(audioSec), '-i', base],
      ...['-map', '0:v', '-map', '1:a', '-c', 'copy', name],
    );

  it.each(['late.mov', 'late.mkv'])('late sound gets silence at its head (%s)', async (name) => {
    await using file = await media.open(await shifted(0, 0.5, name));
    await expectStarts(file, 1, 1.5);
    const head = await file.samples(0, 8000);
    expect(head.every((sample) => sample === 0)).toBe(true);
    expect(file.info.audio?.sampleCount).toBe(56_000);
  });

  it('a picture that starts 0.5 s late is held from zero on', async () => {
    await using file = await media.open(await shifted(0.5, 0, 'lead.mkv'));
    await expectStarts(file, 1.52, 1);
    expect(file.info.video?.frameCount).toBe(88);
  });

  it('sound that leads by an encoder delay is cut off', async () => {
    await using file = await media.open(await shifted(0.06, 0, 'delay.mkv'));
    await expectStarts(file, 1, 0.94);
    expect(file.info.video?.frameCount).toBe(75);
  });

  it('the clock starts at the first stream, wherever the time stamps of the file start', async () => {
    const offset = ['-i', base, '-c', 'copy', '-output_ts_offset', '7.3', 'offset.mkv'];
    await using file = await media.open(await media.make(...offset));
    await expectStarts(file, 1, 1);
  });

  it('an edit list that cuts the beginning moves both', async () => {
    const opened = await media.make('-ss', '0.48', '-i', base, '-c', 'copy', 'edit.mov');
    await using file = await media.open(opened);
    await expectStarts(file, 0.52, 0.52);
  });

  it('a gap in the sound becomes silence', async () => {
    const gap = [
      '-af',
      "aselect='not(between(t\\,0.3\\,0.7))'",
      '-c:v',
      'copy',
      '-c:a',
      'pcm_s16le',
    ];
    await using file = await media.open(await media.make('-i', base, ...gap, 'gap.mkv'));
    await expectStarts(file, 1, 1);
  });

  it('joined transport streams, whose time stamps jump back, run on', async () => {
    const one = await media.make(...flashAndBeep(), ...H264, '-c:a', 'aac', 'one.ts');
    const bytes = readFileSync(one);
    writeFileSync(media.pathOf('twice.ts'), Buffer.concat([bytes, bytes]));
    await using file = await media.open(media.pathOf('twice.ts'));
    expect(await flashStartsSec(file)).toEqual([1, 4]);
    const beeps = await beepStartsSec(file);
    expect(beeps.map((sec) => Math.round(sec * 25) / 25)).toEqual([1, 4]);
  });
});
