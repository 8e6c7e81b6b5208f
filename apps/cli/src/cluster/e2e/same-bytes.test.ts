import path from 'node:path';
import { expect, it } from 'vitest';
import { filesOfOneProcess, hasNats, isOver, makeClip, openSystemBench } from './system-bench.js';

/** One short clip; same-bytes.slow.test.ts has more chunk sizes and replicas. */
it.skipIf(!hasNats)(
  'the whole system gives the bytes of a run in one process (needs nats-server)',
  { timeout: 240_000 },
  async () => {
    await using bench = await openSystemBench();
    const input = path.join(bench.dir, 'clip.mp4');
    await makeClip(input, 6, 6);
    const expected = await filesOfOneProcess(input, path.join(bench.dir, 'one'));
    expect(expected['result.rttm']).toMatch(/^SPEAKER clip 1 /);
    await bench.submit('short', input, 50);
    expect(await bench.until('short', isOver)).toMatchObject({ state: 'succeeded' });
    expect(await bench.filesOf('short')).toEqual(expected);
  },
);
