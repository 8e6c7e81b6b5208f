import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { makeMedia } from '@avd/testing';
import { expect, it } from 'vitest';
import {
  filesOfOneProcess,
  hasNats,
  isOver,
  makeClip,
  openSystemBench,
  type SystemBench,
} from './system-bench.js';

const SHORT_COUNT = 19;
const MAX_PROCESS_MIB = 1200;

it.skipIf(!hasNats)(
  'twenty jobs at once all end right, short ones before a long one that came first (needs nats-server)',
  { timeout: 1_200_000 },
  async () => {
    await using bench = await openSystemBench({});
    const once = path.join(bench.dir, 'once.mp4');
    const long = path.join(bench.dir, 'long.mp4');
    await makeClip(once, 0, 44);
    await makeMedia(['-stream_loop', '4', '-i', once, '-c', 'copy', long]);
    const shorts = Array.from({ length: SHORT_COUNT }, (_, i) => `short-${i}`);
    const fileOf = (id: string): string => path.join(bench.dir, `${id}.mp4`);
    for (const [i, id] of shorts.entries()) await makeClip(fileOf(id), 2 * i, 3 + (i % 3));
    await bench.submit('long', long, 50);
    for (const id of shorts) await bench.submit(id, fileOf(id), 50);

    let peakMib = 0;
    const ends = new Map<string, number>();
    while (ends.size < SHORT_COUNT + 1) {
      for (const id of ['long', ...shorts]) {
        const job = ends.has(id) ? undefined : await bench.job(id);
        if (job === undefined || !isOver(job)) continue;
        expect(job.state, id).toBe('succeeded');
        ends.set(id, Date.parse(job.endTime!));
      }
      peakMib = Math.max(peakMib, largestProcessMib(bench));
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    process.stdout.write(`many jobs: largest process ${peakMib.toFixed(0)} MiB\n`);
    expect(peakMib).toBeLessThan(MAX_PROCESS_MIB);
    const overtaking = shorts.filter((id) => ends.get(id)! < ends.get('long')!);
    expect(overtaking).toHaveLength(SHORT_COUNT);
    for (const id of ['long', shorts[3]!, shorts[11]!, shorts[18]!]) {
      const input = id === 'long' ? long : fileOf(id);
      const expected = await filesOfOneProcess(input, path.join(bench.dir, `one-${id}`));
      expect(await bench.filesOf(id), id).toEqual(expected);
    }
  },
);

/** Resident memory of the largest process of the system. */
function largestProcessMib({ system }: SystemBench): number {
  const pids = system.processes.flatMap(({ pid }) => pid ?? []);
  const sizes = execFileSync('ps', ['-o', 'rss=', '-p', pids.join(',')], { encoding: 'utf8' });
  return Math.max(...sizes.trim().split('\n').map(Number)) / 1024;
}
