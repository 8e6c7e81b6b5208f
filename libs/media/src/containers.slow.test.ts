import { afterAll, describe, expect, it } from 'vitest';
import { beepStartsSec, flashAndBeep, flashStartsSec } from './testing/flash-and-beep.js';
import { allFrames, frameHashes, H264, TestMedia } from './testing/test-media.js';

const media = new TestMedia();
afterAll(() => media.remove());

const OPEN_GOP = 'open-gop=1:keyint=12:min-keyint=12:bframes=3';
const TINY_OPEN_GOP = 'open-gop=1:keyint=4:bframes=3:b-adapt=0';
const VP = [
  '-g',
  '20',
  '-deadline',
  'realtime',
  '-cpu-used',
  '8',
  '-b:v',
  '300k',
  '-c:a',
  'libopus',
];
const aac = ['-c:a', 'aac'];
const source = flashAndBeep();
const at30 = flashAndBeep({ rate: '30' });

/**
 * File, its making, and how far sound and picture may be apart in it: AVI with MP3 holds them up to one frame apart,
 * the rest of each is half a step of the grid and rounding.
 */
const FILES: readonly (readonly [string, readonly string[], number])[] = [
  ['h264.mp4', [...source, ...H264, ...aac], 0.021],
  ['open-gop.mp4', [...source, '-c:v', 'libx264', '-x264-params', OPEN_GOP, ...aac], 0.021],
  ['open-gop.mkv', [...source, '-c:v', 'libx264', '-x264-params', OPEN_GOP, ...aac], 0.021],
  ['open-gop.ts', [...source, '-c:v', 'libx264', '-x264-params', OPEN_GOP, ...aac], 0.021],
  ['tiny-gop.mp4', [...source, '-c:v', 'libx264', '-g', '2', '-bf', '1', ...aac], 0.021],
  ['tiny-open.mp4', [...source, '-c:v', 'libx264', '-x264-params', TINY_OPEN_GOP, ...aac], 0.021],
  ['fragments.mp4', [...source, ...H264, ...aac, '-movflags', '+frag_keyframe+empty_moov'], 0.021],
  ['late-zero.mp4', [...source, ...H264, ...aac, '-output_ts_offset', '1.5'], 0.021],
  [
    'hevc.mp4',
    [...source, '-c:v', 'libx265', '-x265-params', 'keyint=12:log-level=error', ...aac],
    0.021,
  ],
  ['prores.mov', [...source, '-c:v', 'prores_ks', '-c:a', 'pcm_s16le'], 0.021],
  ['mpeg2.ts', [...source, '-c:v', 'mpeg2video', '-bf', '2', '-c:a', 'mp2'], 0.021],
  ['mpeg2.mpg', [...source, '-c:v', 'mpeg2video', '-bf', '2', '-c:a', 'mp2'], 0.021],
  ['mpeg4.avi', [...source, '-c:v', 'mpeg4', '-g', '12', '-c:a', 'pcm_s16le'], 0.021],
  [
    'mpeg4-b.avi',
    [...source, '-c:v', 'mpeg4', '-bf', '2', '-g', '12', '-c:a', 'libmp3lame'],
    0.041,
  ],
  ['h264.avi', [...source, ...H264, '-c:a', 'libmp3lame'], 0.041],
  ['mjpeg.avi', [...source, '-c:v', 'mjpeg', '-c:a', 'pcm_s16le'], 0.021],
  ['flash.flv', [...source, ...H264, ...aac], 0.021],
  ['windows.wmv', [...source, '-c:v', 'wmv2', '-g', '12', '-c:a', 'wmav2'], 0.021],
  [
    'vp8.webm',
    [...at30, '-c:v', 'libvpx', '-auto-alt-ref', '1', '-lag-in-frames', '10', ...VP],
    0.041,
  ],
  ['vp9.webm', [...at30, '-c:v', 'libvpx-vp9', ...VP], 0.041],
  ['live.webm', [...at30, '-c:v', 'libvpx-vp9', ...VP, '-live', '1'], 0.041],
];

describe.each(FILES)('%s', (name, args, toleranceSec) => {
  it('can be entered anywhere, and keeps picture and sound together', async () => {
    await using file = await media.open(await media.make(...args, name));
    const whole = await frameHashes(file, allFrames(file));
    expect(whole.length).toBeGreaterThanOrEqual(74);
    const frameCount = whole.length;
    for (const startFrame of [
      1,
      11,
      12,
      13,
      24,
      37,
      48,
      55,
      60,
      68,
      frameCount - 2,
      frameCount - 1,
    ]) {
      const endFrame = Math.min(frameCount, startFrame + 6);
      const part = await frameHashes(file, { startFrame, endFrame });
      expect(part).toEqual(whole.slice(startFrame, endFrame));
    }
    const [flashSec, ...moreFlashes] = await flashStartsSec(file);
    const [beepSec, ...moreBeeps] = await beepStartsSec(file);
    expect([...moreFlashes, ...moreBeeps]).toEqual([]);
    expect(Math.abs(flashSec! - 1)).toBeLessThan(0.05);
    expect(Math.abs(flashSec! - beepSec!)).toBeLessThan(toleranceSec);
  });
});

it('raw H.264 without any time stamps is counted from its start', async () => {
  const picture = source.slice(0, 4);
  await using file = await media.open(await media.make(...picture, ...H264, 'raw.h264'));
  const whole = await frameHashes(file, allFrames(file));
  expect(whole.length).toBe(75);
  const part = await frameHashes(file, { startFrame: 50, endFrame: 56 });
  expect(part).toEqual(whole.slice(50, 56));
  expect(await flashStartsSec(file)).toEqual([1]);
});
