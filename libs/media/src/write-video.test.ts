import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { probeMedia } from './probe.js';
import { beepStartsSec, flashAndBeep, flashStartsSec } from './testing/flash-and-beep.js';
import { H264, never, TestMedia, turnedCopy } from './testing/test-media.js';
import { type PictureFormat, writeVideo, type WriteVideoOptions } from './write-video.js';

const media = new TestMedia();
afterAll(() => media.remove());

/** Writes a video in which nothing is drawn. */
async function rewrite(source: string, name: string, options: Partial<WriteVideoOptions> = {}) {
  const out = media.pathOf(name);
  let format: PictureFormat | undefined;
  const times: number[] = [];
  await writeVideo(source, out, {
    workDir: media.workDir,
    signal: never,
    createDraw: (given) => {
      format = given;
      return (_, timeSec) => times.push(timeSec);
    },
    ...options,
  });
  return { out, format: format!, times, probe: await probeMedia(out, await media.tools(), never) };
}

const square = (size: string, rate = '25') => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=s=${size}:r=${rate}:d=1`,
];

describe('writeVideo', () => {
  it.each([
    ['25', 'a25.mp4'],
    ['30000/1001', 'a2997.mp4'],
    ['60', 'a60.mp4'],
  ])('keeps %s pictures a second, and sound and picture together', async (rate, name) => {
    const source = await media.make(
      ...flashAndBeep({ rate }),
      ...H264,
      '-c:a',
      'aac',
      `in-${name}`,
    );
    const { out, probe, times } = await rewrite(source, name);
    const [num, den = 1] = rate.split('/').map(Number) as [number, number?];
    expect(probe.video?.averageFrameRate).toEqual({ num, den });
    expect(probe.video?.codec).toBe('h264');
    expect(probe.audio?.codec).toBe('aac');
    expect(times).toHaveLength(Math.round((3 * num) / den));
    expect(times[10]).toBeCloseTo((10 * den) / num, 9);
    await using file = await media.open(out);
    const [flashSec] = await flashStartsSec(file);
    const [beepSec] = await beepStartsSec(file);
    expect(Math.abs(flashSec! - 1)).toBeLessThanOrEqual(0.04);
    expect(Math.abs(beepSec! - 1)).toBeLessThan(0.04);
  });

  it('puts streams that do not start together on one clock', async () => {
    const base = await media.make(...flashAndBeep(), ...H264, '-c:a', 'pcm_s16le', 'base.mov');
    const late = await media.make(
      ...['-i', base, '-itsoffset', '0.5', '-i', base, '-map', '0:v', '-map', '1:a', '-c', 'copy'],
      'late.mkv',
    );
    const { out } = await rewrite(late, 'late.mp4');
    await using file = await media.open(out);
    expect(await flashStartsSec(file)).toEqual([1]);
    expect(Math.abs((await beepStartsSec(file))[0]! - 1.5)).toBeLessThan(0.04);
  });

  it('draws into the pictures that are written', async () => {
    const source = await media.make(...square('64x48'), ...H264, 'draw.mp4');
    const { out } = await rewrite(source, 'drawn.mp4', {
      createDraw: () => (picture) => {
        picture.data.fill(235, 0, picture.width * picture.height);
        picture.data.fill(128, picture.width * picture.height);
      },
    });
    await using file = await media.open(out);
    for await (const { data } of file.frames({ startFrame: 0, endFrame: 25 }, { signal: never })) {
      expect(Math.min(...data)).toBeGreaterThan(245);
    }
  });

  it('gives an odd picture one more row and column, copies of the last', async () => {
    const source = await media.make(
      ...square('64x48'),
      ...['-vf', 'format=bgr0,crop=63:47:exact=1', '-c:v', 'ffv1', 'odd.mkv'],
    );
    const { out, format, probe } = await rewrite(source, 'odd.mp4');
    expect(format).toMatchObject({ width: 64, height: 48, scale: 1, matrix: 'bt601' });
    expect(probe.video).toMatchObject({ width: 64, height: 48 });
    await using file = await media.open(out);
    for await (const { data } of file.frames({ startFrame: 0, endFrame: 1 }, { signal: never })) {
      const pixel = (x: number, y: number) => data[3 * (64 * y + x) + 1]!;
      for (let y = 0; y < 47; y += 5)
        expect(Math.abs(pixel(63, y) - pixel(62, y))).toBeLessThan(40);
    }
  });

  it('applies the rotation of a phone and keeps the shape of the pixels', async () => {
    const flat = await media.make(...square('96x64'), '-vf', 'setsar=4/3', ...H264, 'flat.mp4');
    const turned = media.pathOf('turned.mp4');
    turnedCopy(flat, turned);
    const { probe } = await rewrite(turned, 'upright.mp4');
    expect(probe.video).toMatchObject({ width: 64, height: 96, rotationDeg: 0 });
    expect(probe.video?.sampleAspectRatio).toEqual({ num: 3, den: 4 });
  });

  it('scales to a width and tells how much', async () => {
    const source = await media.make(...square('160x90'), ...H264, 'wide.mp4');
    const { format, probe } = await rewrite(source, 'narrow.mp4', { width: 81 });
    expect(format).toMatchObject({ width: 82, height: 46, scale: 82 / 160 });
    expect(probe.video).toMatchObject({ width: 82, height: 46 });
  });

  it('goes by the colours the source states, and has no sound where there is none', async () => {
    const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
    const source = await media.make(...square('64x48'), ...H264, ...tags, 'hd.mp4');
    const { format, probe } = await rewrite(source, 'hd-out.mp4');
    expect(format.matrix).toBe('bt709');
    expect(probe.audio).toBeUndefined();
  });

  it('puts the index in front, so that a browser can start at once', async () => {
    const source = await media.make(...square('64x48'), ...H264, 'index.mp4');
    const { out } = await rewrite(source, 'index-out.mp4');
    const head = Buffer.alloc(4096);
    const file = openSync(out, 'r');
    readSync(file, head, 0, head.length, 0);
    closeSync(file);
    const text = head.toString('latin1');
    expect(text.indexOf('moov')).toBeGreaterThan(0);
    expect(text.indexOf('moov')).toBeLessThan(
      text.includes('mdat') ? text.indexOf('mdat') : Infinity,
    );
  });

  it('writes the same bytes again', async () => {
    const source = await media.make(...flashAndBeep(), ...H264, '-c:a', 'aac', 'same.mp4');
    const [one, two] = [
      await rewrite(source, 'one.mp4'),
      await rewrite(source, 'two.mp4', { threads: 1 }),
    ];
    expect(readFileSync(one.out).equals(readFileSync(two.out))).toBe(true);
  });

  it('leaves nothing behind when it is stopped, and says so', async () => {
    const source = await media.make(...square('320x240', '60'), ...H264, 'long.mp4');
    const stop = new AbortController();
    const stopped = rewrite(source, 'stopped.mp4', {
      signal: stop.signal,
      createDraw: () => () => stop.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ kind: 'cancelled' });
    expect(readdirSync(media.dir).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });

  it('passes on what goes wrong while drawing', async () => {
    const source = await media.make(...square('64x48'), ...H264, 'defect.mp4');
    const failing = rewrite(source, 'defect-out.mp4', {
      createDraw: () => () => {
        throw new TypeError('defect');
      },
    });
    await expect(failing).rejects.toMatchObject({ kind: 'internal' });
  });

  it('says that a file without pictures has none', async () => {
    const source = await media.make('-f', 'lavfi', '-i', 'sine=d=1', 'tone.wav');
    await expect(rewrite(source, 'tone.mp4')).rejects.toMatchObject({ reason: 'NO_PICTURES' });
  });

  it('says that the place to write to cannot be written', async () => {
    const source = await media.make(...square('64x48'), ...H264, 'nowhere.mp4');
    await expect(rewrite(source, 'no/such/folder.mp4')).rejects.toMatchObject({
      reason: 'ENCODE_FAILED',
    });
  });
});
