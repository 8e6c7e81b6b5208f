import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MediaFile } from './open-media.js';
import {
  allFrames,
  frameHashes,
  H264,
  hashOf,
  never,
  TestMedia,
  testSource,
  turnedCopy,
} from './testing/test-media.js';

const media = new TestMedia();
const silent = { sound: false };
let open: MediaFile[] = [];
afterEach(async () => {
  for (const file of open) await file[Symbol.asyncDispose]();
  open = [];
});
afterAll(() => media.remove());

async function opened(...args: readonly string[]): Promise<MediaFile> {
  const file = await media.open(await media.make(...args));
  open.push(file);
  return file;
}

describe('frames', () => {
  let path: string;
  let file: MediaFile;
  beforeAll(async () => {
    path = await media.make(...testSource('25', silent), ...H264, 'plain.mp4');
  });
  const openPlain = async (threads = 2) => {
    file = await media.open(path, { threads });
    open.push(file);
    return file;
  };

  it('of every third index are those of the whole video', async () => {
    await openPlain();
    const whole = await frameHashes(file, allFrames(file));
    const some = await frameHashes(file, { startFrame: 20, endFrame: 61 }, { step: 3 });
    expect(some).toEqual(whole.filter((_, n) => n % 3 === 0 && n >= 20 && n < 61));
    expect(await frameHashes(file, { startFrame: 4, endFrame: 6 }, { step: 3 })).toEqual([]);
  });

  it('that are picked are those of the whole video', async () => {
    await openPlain();
    const whole = await frameHashes(file, allFrames(file));
    const only = [21, 22, 40, 59];
    const some = await frameHashes(file, { startFrame: 20, endFrame: 61 }, { only });
    expect(some).toEqual(only.map((index) => whole[index]));
    expect(await frameHashes(file, { startFrame: 20, endFrame: 61 }, { only: [] })).toEqual([]);
  });

  it('are the same with one thread and with four', async () => {
    const one = await frameHashes(await openPlain(1), allFrames(file));
    expect(await frameHashes(await openPlain(4), allFrames(file))).toEqual(one);
  });

  it('stay in their buffer until the next one is asked for', async () => {
    await openPlain();
    const buffers = new Set<ArrayBufferLike>();
    for await (const { data } of file.frames({ startFrame: 0, endFrame: 30 }, { signal: never })) {
      const hash = hashOf(data);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(hashOf(data)).toBe(hash);
      buffers.add(data.buffer);
    }
    expect(buffers.size).toBeLessThanOrEqual(2);
  });

  it('can be asked for in a smaller size', async () => {
    await openPlain();
    const options = { signal: never, size: { width: 80, height: 45 } };
    for await (const frame of file.frames({ startFrame: 30, endFrame: 31 }, options)) {
      expect([frame.width, frame.height, frame.data.length]).toEqual([80, 45, 80 * 45 * 3]);
    }
  });

  it('outside of the video are refused', async () => {
    await openPlain();
    for (const [startFrame, endFrame] of [
      [-1, 3],
      [3, 2],
      [70, 76],
      [0.5, 2],
    ] as const) {
      await expect(frameHashes(file, { startFrame, endFrame })).rejects.toMatchObject({
        kind: 'invalidInput',
        reason: 'FRAME_RANGE',
      });
    }
    expect(await frameHashes(file, { startFrame: 75, endFrame: 75 })).toEqual([]);
  });

  it('can be left early, and several readers can run at once', async () => {
    await openPlain();
    for await (const { frameIndex } of file.frames(allFrames(file), { signal: never })) {
      if (frameIndex === 2) break;
    }
    const ranges = [0, 20, 40].map((startFrame) => ({ startFrame, endFrame: startFrame + 10 }));
    const [a, b, c] = await Promise.all(ranges.map((range) => frameHashes(file, range)));
    const whole = await frameHashes(file, allFrames(file));
    expect([...a!, ...b!, ...c!]).toEqual([0, 20, 40].flatMap((n) => whole.slice(n, n + 10)));
  });
});

describe('a stop', () => {
  let path: string;
  const openLong = async () => {
    const file = await media.open(path);
    open.push(file);
    return file;
  };
  beforeAll(async () => {
    // A minute, so that the decoder is still busy when it is stopped.
    const long = testSource('25', { sound: false, durationSec: 60, size: '640x360' });
    path = await media.make(...long, '-c:v', 'libx264', '-preset', 'ultrafast', 'long.mp4');
  });

  it.each([0, 3])('by the signal ends the reading at once (after %i frames)', async (count) => {
    const file = await openLong();
    const controller = new AbortController();
    const frames = file.frames(allFrames(file), { signal: controller.signal });
    const iterator = frames[Symbol.asyncIterator]();
    for (let i = 0; i < count; i++) await iterator.next();
    const startMs = performance.now();
    const next = iterator.next();
    controller.abort();
    await expect(next).rejects.toMatchObject({ kind: 'cancelled', reason: 'CANCELLED' });
    expect(performance.now() - startMs).toBeLessThan(1000);
    expect((await iterator.next()).done).toBe(true);
  });

  it('by closing the file ends the reading too', async () => {
    const file = await openLong();
    const iterator = file.frames(allFrames(file), { signal: never })[Symbol.asyncIterator]();
    await iterator.next();
    await file[Symbol.asyncDispose]();
    await expect(iterator.next()).rejects.toMatchObject({ kind: 'cancelled' });
  });

  it('before the start starts nothing', async () => {
    const file = await openLong();
    const frames = file.frames(allFrames(file), { signal: AbortSignal.abort() });
    await expect(frames[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});

describe('pictures of any shape', () => {
  it('853x479 with full colour resolution', async () => {
    const odd = ['-vf', 'scale=853:479,format=yuv444p', '-t', '0.5', '-c:v', 'libx264'];
    const file = await opened(...testSource('25', silent), ...odd, 'odd.mp4');
    expect(file.info.video).toMatchObject({ width: 853, height: 479, frameCount: 13 });
    for await (const { data } of file.frames(allFrames(file), { signal: never })) {
      expect(data.length).toBe(853 * 479 * 3);
    }
  });

  it('4K', async () => {
    const large = testSource('25', { sound: false, size: '3840x2160', durationSec: 1 });
    const fast = ['-c:v', 'libx264', '-preset', 'ultrafast'];
    const file = await opened(...large, ...fast, 'large.mp4');
    expect(file.info.video).toMatchObject({ width: 3840, height: 2160, frameCount: 25 });
    const some = await frameHashes(file, { startFrame: 23, endFrame: 25 });
    expect(some.map((line) => line.split(' ')[0])).toEqual(['23', '24']);
  });

  it.each(['one.mp4', 'one.mkv', 'one.avi', 'one.png'])('a single one (%s)', async (name) => {
    const codec = name.endsWith('avi') ? ['-c:v', 'mpeg4'] : [];
    const file = await opened(...testSource('25', silent), '-frames:v', '1', ...codec, name);
    expect(file.info.video?.frameCount).toBe(1);
    expect((await frameHashes(file, allFrames(file))).length).toBe(1);
  });

  it('BGR, rows from top to bottom', async () => {
    const halves = 'color=red:s=64x64:d=1[a];color=blue:s=64x64:d=1[b];[a][b]vstack';
    const file = await opened('-f', 'lavfi', '-i', halves, '-c:v', 'libx264', 'halves.mp4');
    for await (const { data } of file.frames({ startFrame: 5, endFrame: 6 }, { signal: never })) {
      const [top, bottom] = [data.subarray(0, 3), data.subarray(-3)];
      expect(top[2]).toBeGreaterThan(240);
      expect(top[0]).toBeLessThan(15);
      expect(bottom[0]).toBeGreaterThan(240);
      expect(bottom[2]).toBeLessThan(15);
    }
  });

  it('of a phone held upright, turned as a player does', async () => {
    const halves = 'color=red:s=96x32:d=1[a];color=blue:s=96x32:d=1[b];[a][b]vstack';
    const flat = await media.make('-f', 'lavfi', '-i', halves, '-c:v', 'libx264', 'flat.mp4');
    const file = await media.open(turnedCopy(flat, media.pathOf('turned.mp4')));
    open.push(file);
    expect(file.info.video).toMatchObject({ width: 64, height: 96 });
    for await (const { data } of file.frames({ startFrame: 5, endFrame: 6 }, { signal: never })) {
      // The red upper half is on the right after a quarter turn clockwise.
      const [left, right] = [data.subarray(0, 3), data.subarray(63 * 3, 64 * 3)];
      expect(left[0]).toBeGreaterThan(240);
      expect(right[2]).toBeGreaterThan(240);
    }
  });

  it('that change their size on the way come at the first size, without losing a frame', async () => {
    const first = await media.make(...testSource('25', silent), ...H264, 'first.ts');
    const source = testSource('25', { sound: false, size: '320x240' });
    const second = await media.make(...source, ...H264, 'second.ts');
    const joined = media.pathOf('joined.ts');
    writeFileSync(joined, Buffer.concat([readFileSync(first), readFileSync(second)]));
    const file = await media.open(joined);
    open.push(file);
    const whole = await frameHashes(file, allFrames(file));
    expect(file.info.video).toMatchObject({ width: 160, height: 90 });
    expect(new Set(whole.map((line) => line.split(' ')[1])).size).toBe(150);
    expect(await frameHashes(file, { startFrame: 70, endFrame: 90 })).toEqual(whole.slice(70, 90));
    expect(await frameHashes(file, { startFrame: 120, endFrame: 130 })).toEqual(
      whole.slice(120, 130),
    );
  });
});
