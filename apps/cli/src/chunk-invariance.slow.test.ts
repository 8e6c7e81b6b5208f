import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMedia } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diarizeVideo } from './diarize-video.js';
import { resolveSettings } from './index.js';

const sample = fileURLToPath(new URL('../../../sample/sample.mp4', import.meta.url));
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-chunks-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** 16 s of the sample around a cut, small, with another frame rate. */
async function makeVideo(name: string, options: readonly string[]): Promise<string> {
  const file = path.join(dir, name);
  await makeMedia(['-ss', '2', '-i', sample, '-t', '16', '-preset', 'veryfast', ...options, file]);
  return file;
}

/** Drops frames unevenly, as a phone does in the dark. */
const uneven = "scale=640:360,select='gt(mod(n,7),0)*gt(mod(n,11),1)'";

describe('the size of a chunk', () => {
  it.each([
    ['25 frames/s', '25.mp4', ['-vf', 'scale=640:360']],
    ['29.97 frames/s', '2997.mp4', ['-vf', 'scale=640:360,fps=30000/1001']],
    ['a variable frame rate', 'vfr.mkv', ['-vf', uneven, '-fps_mode', 'vfr']],
  ])(
    'never changes the result: %s',
    async (_name, file, options) => {
      const input = await makeVideo(file, options);
      const results: string[] = [];
      for (const chunkFrames of [50, 333, 1500, Number.MAX_SAFE_INTEGER]) {
        const outDir = path.join(dir, `${file}-${chunkFrames}`);
        await diarizeVideo({ input, outDir, chunkFrames, settings: resolveSettings({}) });
        const read = (name: string): Promise<string> => readFile(path.join(outDir, name), 'utf8');
        results.push((await read('result.rttm')) + (await read('diarization.json')));
      }
      expect(results[0]).toMatch(/^SPEAKER /);
      expect(new Set(results).size).toBe(1);
    },
    300_000,
  );
});
