import { natsServerPath } from '@avd/messaging/testing';
import { until } from '@avd/stage-host/testing';
import { describe, expect, it } from 'vitest';
import { openEngineBench, waitingJob } from './testing/engine-bench.js';
import { deadLetters, expectDone, taskCount } from './testing/expect-done.js';

describe.skipIf(natsServerPath() === undefined)(
  'JobEngine at the end of jobs (needs nats-server)',
  () => {
    it('stops all work of a job that is cancelled, at once; others go on', async () => {
      let stopped = 0;
      await using bench = await openEngineBench(async ({ job, step }, signal) => {
        if (job !== 'job-long' || step !== 'detectFaces') return;
        await new Promise((_, reject) => {
          signal.addEventListener('abort', () => (stopped++, reject(signal.reason as Error)));
        });
      });
      const { engine } = await bench.openEngine();
      await engine.start(waitingJob('job-long'));
      await until(() => bench.runs.filter((id) => id.includes('/detectFaces/')).length === 2);
      await engine.start(waitingJob('job-1'));
      const { record } = await engine.cancel('job-long');
      expect(record).toMatchObject({ state: 'cancelled', progress: { inFlight: [] } });
      await until(() => stopped === 2, 2_000);
      expectDone(await bench.whenEnded('job-1'), bench.runs);
      await bench.whenQueuesAreEmpty();
      expect((await engine.cancel('job-long')).record).toEqual(record);
      expect(deadLetters(bench)).toEqual([]);
    });

    it('removes a job and its results when their time is over', async () => {
      await using bench = await openEngineBench();
      const { engine } = await bench.openEngine({ jobTtlSec: 0.2 });
      await engine.start(waitingJob('job-1'));
      await until(() => bench.runs.some((id) => id.includes('/assembleResult/')));
      await until(async () => (await bench.jobs.get('job-1')) === undefined);
      expect(await bench.chunks.list('job-1', 'detectFaces')).toEqual([]);
    });

    it('does not remove a job whose id an expired one had', async () => {
      await using bench = await openEngineBench();
      const { engine } = await bench.openEngine({ jobTtlSec: 0.5, sweepEveryMs: 20 });
      await engine.start(waitingJob('job-1'));
      await bench.whenEnded('job-1');
      // Another engine removes it and takes a new job of this id, which waits.
      const other = await bench.openEngine();
      await other.engine.remove('job-1');
      const kept = waitingJob('job-1', { expireTime: '2100-01-01T00:00:00.000Z' });
      await other.engine.start(kept);
      await bench.whenEnded('job-1');
      // Ends later, so it expires after the first job would have.
      await engine.start(waitingJob('job-2'));
      await bench.whenEnded('job-2');
      await until(async () => (await bench.jobs.get('job-2')) === undefined);
      expect((await bench.jobs.need('job-1')).record.createTime).toBe(kept.createTime);
    });

    it('does a job again that was removed and made again under its id', async () => {
      await using bench = await openEngineBench();
      const { engine } = await bench.openEngine();
      await engine.start(waitingJob('job-1'));
      const first = await bench.whenEnded('job-1');
      await engine.remove('job-1');
      expect(await bench.jobs.get('job-1')).toBeUndefined();
      await engine.start(waitingJob('job-1', { chunkFrames: 100 }));
      const again = await bench.whenEnded('job-1');
      expect(again.createTime).not.toBe(first.createTime);
      expect(bench.runs).toHaveLength(taskCount(first) + taskCount(again));
      expect(taskCount(again)).toBeLessThan(taskCount(first));
    });
  },
);
