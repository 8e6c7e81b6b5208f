import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMedia } from '@avd/testing';
import { expect, it } from 'vitest';
import { diarizeVideo } from './diarize-video.js';
import { resolveSettings } from './index.js';

const sample = fileURLToPath(new URL('../../../sample/sample.mp4', import.meta.url));

/** One video and two sizes; chunk-invariance.slow.test.ts has three videos and four. */
it('the size of a chunk never changes the result', async () => {
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-chunk-size-'));
  try {
    const input = path.join(dir, 'video.mp4');
    const filter = 'scale=480:270,fps=30000/1001';
    await makeMedia([
      '-ss',
      '6',
      '-i',
      sample,
      '-t',
      '7',
      '-vf',
      filter,
      '-preset',
      'veryfast',
      input,
    ]);
    const results: string[] = [];
    for (const chunkFrames of [50, 1500]) {
      const outDir = path.join(dir, String(chunkFrames));
      await diarizeVideo({ input, outDir, chunkFrames, settings: resolveSettings({}) });
      results.push(await readFile(path.join(outDir, 'diarization.json'), 'utf8'));
    }
    expect(results[0]).toMatch(/"trackIndex": 0/);
    expect(results[1]).toBe(results[0]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
