import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { MediaFile } from './open-media.js';
import { allFrames, frameHashes, H264, TestMedia, testSource } from './testing/test-media.js';

const media = new TestMedia();
afterAll(() => media.remove());

/** 30 pictures a second of which some are missing and none is quite on time. */
const VARIABLE = "select='gt(mod(n*7\\,10)\\,3)',setpts='PTS+mod(N*37\\,11)*0.001/TB'";

const FILES: Readonly<Record<string, readonly string[]>> = {
  '25.mp4': [...testSource('25', { sound: false }), ...H264],
  '2997.mp4': [...testSource('30000/1001', { sound: false }), ...H264],
  'variable.mkv': [...testSource('30', { sound: false }), '-vf', VARIABLE, ...H264],
};

describe.each(Object.keys(FILES))('chunks of %s', (name) => {
  let file: MediaFile;
  let fromStart: string[];

  beforeAll(async () => {
    file = await media.open(await media.make(...FILES[name]!, name));
    fromStart = await frameHashes(file, allFrames(file));
  });
  afterEach(() => file[Symbol.asyncDispose]());

  it('join to the same bytes as decoding from the start, wherever they are cut', async () => {
    const frameCount = fromStart.length;
    const index = fc.integer({ min: 0, max: frameCount });
    await fc.assert(
      fc.asyncProperty(index, index, fc.integer({ min: 9, max: 40 }), async (a, b, chunkFrames) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const joined: string[] = [];
        for (let startFrame = start; startFrame < end; startFrame += chunkFrames) {
          const endFrame = Math.min(end, startFrame + chunkFrames);
          joined.push(...(await frameHashes(file, { startFrame, endFrame })));
        }
        expect(joined).toEqual(fromStart.slice(start, end));
      }),
      { numRuns: 5, seed: 25 },
    );
  });
});
