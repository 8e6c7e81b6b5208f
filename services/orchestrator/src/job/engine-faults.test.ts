import { AvdError } from '@avd/domain';
import { natsServerPath } from '@avd/messaging/testing';
import { until } from '@avd/stage-host/testing';
import { describe, expect, it } from 'vitest';
import { openEngineBench, waitingJob } from './testing/engine-bench.js';
import { deadLetters, expectDone } from './testing/expect-done.js';
import { startNext } from './transitions.js';

describe.skipIf(natsServerPath() === undefined)(
  'JobEngine when something breaks (needs nats-server)',
  () => {
    it('goes on with one of two engines when the other is lost', async () => {
      await using bench = await openEngineBench();
      const first = await bench.openEngine();
      const second = await bench.openEngine();
      const ids = Array.from({ length: 6 }, (_, index) => `job-${index}`);
      for (const [index, id] of ids.entries()) {
        await (index % 2 === 0 ? first : second).engine.start(waitingJob(id));
      }
      await until(() => bench.runs.length > 20);
      await first.crash();
      for (const id of ids) expectDone(await bench.whenEnded(id), bench.runs);
      expect(second.engine).toBeDefined();
    });

    it('goes on where it was after a restart', async () => {
      await using bench = await openEngineBench();
      const first = await bench.openEngine();
      await first.engine.start(waitingJob('job-1'));
      await until(() => bench.runs.length > 5);
      await first[Symbol.asyncDispose]();
      const before = (await bench.jobs.need('job-1')).record;
      expect(before.state).toBe('running');
      await bench.openEngine();
      expectDone(await bench.whenEnded('job-1'), bench.runs);
    });

    it('sends a task again that was lost between record and queue', async () => {
      await using bench = await openEngineBench();
      const { record } = startNext(waitingJob('job-1'), 'prepareMedia', new Date().toISOString());
      await bench.jobs.create(record);
      await bench.openEngine({ stallMs: 100 });
      expectDone(await bench.whenEnded('job-1'), bench.runs);
    });

    it('fails a job whose task cannot be done, with the reason; others go on', async () => {
      await using bench = await openEngineBench(async ({ job, step }) => {
        if (job === 'job-bad' && step === 'readLips') {
          throw new AvdError('media', 'UNREADABLE', 'The picture is broken.');
        }
      });
      const { engine } = await bench.openEngine();
      for (const id of ['job-0', 'job-bad', 'job-1']) await engine.start(waitingJob(id));
      const failed = await bench.whenEnded('job-bad');
      expect(failed).toMatchObject({
        state: 'failed',
        error: { reason: 'UNREADABLE', message: 'The picture is broken.' },
        progress: { inFlight: [] },
      });
      for (const id of ['job-0', 'job-1']) expectDone(await bench.whenEnded(id), bench.runs);
      await bench.whenQueuesAreEmpty();
      await until(() => deadLetters(bench).length > 0);
      expect(deadLetters(bench)[0]).toMatchObject({ task: { job: 'job-bad', step: 'readLips' } });
    });

    it('fails a job whose message would be too great, and others go on', async () => {
      await using bench = await openEngineBench();
      const { engine } = await bench.openEngine();
      await engine.start(waitingJob('job-bad', { source: { uri: 'x'.repeat(70_000) } }));
      await engine.start(waitingJob('job-1'));
      const failed = await bench.whenEnded('job-bad');
      expect(failed).toMatchObject({ state: 'failed', error: { reason: 'TASK_TOO_LARGE' } });
      expectDone(await bench.whenEnded('job-1'), bench.runs);
    });
  },
);
