import { readySteps, stepState } from '@avd/pipeline';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobRecord, MEDIA } from '../api/testing/job-fixtures.js';
import { graphOf } from './job-graph.js';
import { isFinal, type JobError, type JobRecord } from './job-record.js';
import {
  beginCancel,
  completeTask,
  failJob,
  failTask,
  finishCancel,
  startNext,
  type JobTask,
  type TaskResult,
} from './transitions.js';

const NOW = '2026-11-22T10:00:01.000Z';
const ERROR: JobError = { reason: 'UNREADABLE', message: 'Broken.', status: '' };

/** What the last worker of each step says. */
function resultOf({ step, index }: JobTask): TaskResult {
  const execution = { reused: index === 0, stageVersion: '1', executionProvider: 'cpu' };
  const models = [{ name: `net-${step}`, sha256: 'ab' }];
  return {
    execution: { ...execution, elapsed: undefined, models },
    ...(step === 'prepareMedia' && { prepared: { media: MEDIA, notices: ['A notice.'] } }),
    ...(step === 'assembleResult' && { files: {} }),
  };
}

/** One thing that happens to a job; numbers choose among what is possible. */
type Happening =
  | { readonly what: 'start' | 'complete' | 'fail'; readonly pick: number }
  | { readonly what: 'cancel' | 'finishCancel' };

const pick = fc.nat({ max: 1_000 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ what: fc.constant('start' as const), pick }) },
  { weight: 10, arbitrary: fc.record({ what: fc.constant('complete' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fail' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cancel' as const) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('finishCancel' as const) }) },
);

class World {
  record: JobRecord = jobRecord({ chunkFrames: 60 });
  /** Every task that was ever handed out; events of them may come at any time, also twice. */
  readonly handedOut: JobTask[] = [];

  apply(next: Happening): void {
    const before = this.record;
    switch (next.what) {
      case 'start': {
        if (isFinal(before) || before.state === 'cancelling') return;
        const ready = readySteps(graphOf(before), before.progress);
        if (ready.length === 0) return;
        const started = startNext(before, ready[next.pick % ready.length]!.step, NOW);
        this.record = started.record;
        this.handedOut.push(started.task);
        break;
      }
      case 'complete':
      case 'fail': {
        const task = this.handedOut[next.pick % this.handedOut.length];
        if (task === undefined) return;
        this.record =
          next.what === 'fail'
            ? failTask(before, task, ERROR, NOW)
            : completeTask(before, task, resultOf(task), NOW);
        break;
      }
      case 'cancel':
        this.record = beginCancel(before);
        break;
      case 'finishCancel':
        this.record = finishCancel(before, NOW);
        break;
    }
    if (isFinal(before)) expect(this.record).toBe(before);
    this.check();
  }

  /** What must hold at any time. */
  check(): void {
    const { record, handedOut } = this;
    const ids = handedOut.map(({ step, index }) => `${step}/${index}`);
    expect(new Set(ids).size).toBe(ids.length);
    let open = 0;
    for (const { step, count } of graphOf(record).steps) {
      const { startedCount, doneCount } = stepState(record.progress, step);
      expect(doneCount).toBeLessThanOrEqual(startedCount);
      expect(startedCount).toBeLessThanOrEqual(count);
      open += startedCount - doneCount;
    }
    const isStopped = ['failed', 'cancelling', 'cancelled'].includes(record.state);
    expect(record.progress.inFlight.length).toBe(isStopped ? 0 : open);
    expect(record.endTime !== undefined).toBe(isFinal(record));
    expect(record.error !== undefined).toBe(record.state === 'failed');
    expect(record.files !== undefined).toBe(record.state === 'succeeded');
  }

  /** Everything that is still to happen, when nothing goes wrong any more. */
  finish(): void {
    for (let i = 0; !isFinal(this.record) && i < 1_000; i++) {
      if (this.record.state === 'cancelling') this.apply({ what: 'finishCancel' });
      this.apply({ what: 'start', pick: i });
      for (const task of this.record.progress.inFlight) {
        this.apply({ what: 'complete', pick: this.handedOut.indexOf(task) });
      }
    }
  }
}

describe('the states of a job', () => {
  it('end in exactly one final state, and hand no task out twice, whatever happens in between', () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
        const world = new World();
        for (const next of happenings) world.apply(next);
        world.finish();
        expect(isFinal(world.record)).toBe(true);
        ends.add(world.record.state);
        const { record } = world;
        for (const next of happenings) world.apply(next);
        expect(world.record).toBe(record);
      }),
      { numRuns: 80 },
    );
    expect([...ends].sort()).toEqual(['cancelled', 'failed', 'succeeded']);
  });

  it('count every task once and know who took part, when a job succeeds', () => {
    const world = new World();
    world.finish();
    const { record } = world;
    expect(record.state).toBe('succeeded');
    for (const { step, count } of graphOf(record).steps) {
      expect(stepState(record.progress, step)).toEqual({ startedCount: count, doneCount: count });
      expect(record.steps[step]).toMatchObject({ reusedCount: 1, endTime: NOW });
    }
    expect(record.models).toHaveLength(graphOf(record).steps.length);
    expect(record.notices).toEqual(['A notice.']);
  });

  it('do not change by the same event told again', () => {
    const first = startNext(jobRecord(), 'prepareMedia', NOW);
    const done = completeTask(first.record, first.task, resultOf(first.task), NOW);
    expect(done).not.toBe(first.record);
    expect(completeTask(done, first.task, resultOf(first.task), NOW)).toBe(done);
  });

  it('do not fail by a task that has ended well meanwhile, or was never handed out', () => {
    const first = startNext(jobRecord(), 'prepareMedia', NOW);
    const done = completeTask(first.record, first.task, resultOf(first.task), NOW);
    expect(failTask(done, first.task, ERROR, NOW)).toBe(done);
    expect(failTask(done, { step: 'diarize', index: 0 }, ERROR, NOW)).toBe(done);
    expect(failTask(first.record, first.task, ERROR, NOW).state).toBe('failed');
  });

  it('end a job that is being cancelled as cancelled, also when a task fails then', () => {
    const cancelling = beginCancel(startNext(jobRecord(), 'prepareMedia', NOW).record);
    expect(failJob(cancelling, ERROR, NOW)).toMatchObject({ state: 'cancelled', endTime: NOW });
  });
});
