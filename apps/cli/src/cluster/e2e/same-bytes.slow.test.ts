import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filesOfOneProcess,
  hasNats,
  isOver,
  openSystemBench,
  SAMPLE,
  type ResultFiles,
  type SystemBench,
} from './system-bench.js';

const PATIENT = { timeout: 900_000 };

describe.skipIf(!hasNats).each([1, 3])(
  'the system with %d of each stage (needs nats-server)',
  PATIENT,
  (count) => {
    let bench: SystemBench;
    let expected: ResultFiles;
    beforeAll(async () => {
      const stages = ['face-track', 'syncnet', 'vad', 'embed', 'cluster'];
      bench = await openSystemBench({
        mediaRoots: [path.dirname(SAMPLE)],
        replicas: Object.fromEntries(stages.map((stage) => [stage, count])),
      });
      expected = await filesOfOneProcess(SAMPLE, path.join(bench.dir, 'one'));
    }, 300_000);
    afterAll(() => bench?.[Symbol.asyncDispose]());

    it.each([50, 333, 1500])(
      'gives the same bytes for chunks of %d frames',
      async (chunkFrames) => {
        await bench.forgetResults();
        const id = `chunks-${chunkFrames}`;
        await bench.submit(id, SAMPLE, chunkFrames);
        expect(await bench.until(id, isOver, 600)).toMatchObject({ state: 'succeeded' });
        expect(await bench.filesOf(id)).toEqual(expected);
      },
    );
  },
);
