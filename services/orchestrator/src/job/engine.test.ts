import { natsServerPath } from '@avd/messaging/testing';
import { describe, expect, it } from 'vitest';
import { openEngineBench, waitingJob } from './testing/engine-bench.js';
import { expectDone, taskCount } from './testing/expect-done.js';

describe.skipIf(natsServerPath() === undefined)('JobEngine (needs nats-server)', () => {
  it('brings a job from its recording to its results, each task once', async () => {
    await using bench = await openEngineBench();
    const { engine } = await bench.openEngine();
    await engine.start(waitingJob('job-1'));
    const record = await bench.whenEnded('job-1');
    expectDone(record, bench.runs);
    expect(bench.runs).toHaveLength(taskCount(record));
    expect(await engine.start(waitingJob('job-1'))).toBeUndefined();
  });

  it('does twenty jobs at once, with messages far below 64 KiB', async () => {
    await using bench = await openEngineBench();
    const { engine } = await bench.openEngine();
    const ids = Array.from({ length: 20 }, (_, index) => `job-${index}`);
    for (const id of ids) await engine.start(waitingJob(id));
    for (const id of ids) expectDone(await bench.whenEnded(id), bench.runs);
    expect(new Set(bench.runs).size).toBe(bench.runs.length);
    const greatest = Math.max(...bench.tap.messages.map(({ sizeBytes }) => sizeBytes));
    expect(bench.tap.messages.length).toBeGreaterThan(1_000);
    expect(greatest).toBeLessThan(16 * 1024);
  });
});
