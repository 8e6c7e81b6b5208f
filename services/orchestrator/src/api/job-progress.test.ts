import { planVideo, type StepName } from '@avd/pipeline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Progress } from '@avd/stage-kit';
import type { JobRecord } from '../job/job-record.js';
import { jobProgress } from './job-progress.js';
import type { LiveProgress } from './live-progress.js';
import { jobRecord, MEDIA } from './testing/job-fixtures.js';

/** Live progress without a memory of the largest fraction. */
function liveOf(tasks: Readonly<Record<string, Progress>> = {}): LiveProgress {
  return {
    of: (_job, { step, index }) => tasks[`${step}/${index}`],
    raise: (_job, fraction) => fraction,
    keepOnly: () => undefined,
    listen: () => () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

const running = (progress: JobRecord['progress']): JobRecord =>
  jobRecord({ state: 'running', media: MEDIA, progress });

describe('the progress of a job', () => {
  it('is empty before the recording has been looked at, and whole at the end', () => {
    expect(jobProgress(jobRecord(), liveOf())).toEqual({ fraction: 0, steps: [] });
    const done = jobRecord({ state: 'succeeded', media: MEDIA });
    expect(jobProgress(done, liveOf()).fraction).toBe(1);
  });

  it('moves while the recording is brought in', () => {
    const live = liveOf({ 'prepareMedia/0': { done: 1, total: 2, unit: 'bytes' } });
    const { fraction } = jobProgress(jobRecord({ state: 'running' }), live);
    expect(fraction).toBeGreaterThan(0);
    expect(fraction).toBeLessThan(0.05);
  });

  it('adds running tasks to finished ones', () => {
    const record = running({
      steps: { detectFaces: { startedCount: 4, doneCount: 2 } },
      inFlight: [
        { step: 'detectFaces', index: 1 },
        { step: 'detectFaces', index: 3 },
      ],
    });
    const live = liveOf({ 'detectFaces/3': { done: 20, total: 50, unit: 'frames' } });
    const step = jobProgress(record, live).steps.find((each) => each.step === 'detectFaces');
    expect(step).toEqual({
      ...{ step: 'detectFaces', stage: 'face-track', totalTasks: 4, doneTasks: 2, reusedTasks: 0 },
      ...{ done: 120, total: 200, unit: 'frames' },
    });
  });

  it('never falls as tasks end', () => {
    const { steps } = planVideo({ ...MEDIA, chunkFrames: 50, settings: jobRecord().settings });
    const tasks = steps.flatMap(({ step, count }) => Array.from({ length: count }, () => step));
    fc.assert(
      fc.property(fc.shuffledSubarray(tasks, { minLength: tasks.length }), (order) => {
        const done: Partial<Record<StepName, { startedCount: number; doneCount: number }>> = {};
        let last = 0;
        for (const step of order) {
          const count = (done[step]?.doneCount ?? 0) + 1;
          done[step] = { startedCount: count, doneCount: count };
          const { fraction } = jobProgress(running({ steps: done, inFlight: [] }), liveOf());
          expect(fraction).toBeGreaterThan(last);
          last = fraction;
        }
        expect(last).toBeLessThan(1);
        expect(last).toBeGreaterThan(0.95);
      }),
    );
  });
});
