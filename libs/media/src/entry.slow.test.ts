import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { allFrames, frameHashes, H264, TestMedia, testSource } from './testing/test-media.js';

const media = new TestMedia();
afterEach(() => vi.unstubAllEnvs());
afterAll(() => media.remove());

const source = testSource('25', { sound: false, durationSec: 4 });
const openGop = (keyInterval: number) =>
  `open-gop=1:keyint=${keyInterval}:min-keyint=${keyInterval}:bframes=3:b-adapt=0`;
const FILES: readonly (readonly [string, readonly string[]])[] = [
  ['closed.mp4', [...source, ...H264]],
  ['open.mkv', [...source, '-c:v', 'libx264', '-x264-params', openGop(12)]],
  ['tiny.mp4', [...source, '-c:v', 'libx264', '-x264-params', openGop(4)]],
  ['tiny.mkv', [...source, '-c:v', 'libx264', '-x264-params', openGop(4)]],
  ['all-intra.mov', [...source, '-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p']],
];

describe.skipIf(process.platform === 'win32').each(FILES)(
  'any single frame of %s',
  (name, args) => {
    it('is right, and takes one decoder that is not started at the beginning', async () => {
      const { ffmpegPath, ffprobePath } = await media.tools();
      const path = await media.make(...args, name);
      const log = media.pathOf(`${name}.log`);
      const spy = media.pathOf('spy.sh');
      writeFileSync(spy, `#!/bin/sh\necho "$*" >> '${log}'\nexec '${ffmpegPath}' "$@"\n`, {
        mode: 0o755,
      });
      vi.stubEnv('AVD_FFMPEG', spy);
      vi.stubEnv('AVD_FFPROBE', ffprobePath);
      await using file = await media.open(path);
      const whole = await frameHashes(file, allFrames(file));
      for (let startFrame = 31; startFrame < 100; startFrame++) {
        writeFileSync(log, '');
        const endFrame = Math.min(100, startFrame + 2);
        const part = await frameHashes(file, { startFrame, endFrame });
        expect(part).toEqual(whole.slice(startFrame, endFrame));
        const runs = readFileSync(log, 'utf8').trim().split('\n');
        expect(runs).toHaveLength(1);
        const entrySec = Number(/ -ss (\S+) /.exec(runs[0]!)?.[1]);
        expect(entrySec).toBeGreaterThan(Math.min(startFrame, 67) / 25 - 0.4);
      }
    });
  },
);
