import { readySteps, stepState } from '@avd/pipeline';
import { TASK_STAGES, type TaskStage } from '@avd/messaging';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobRecord, MEDIA } from '../api/testing/job-fixtures.js';
import { graphOf, stageOf } from './job-graph.js';
import { JobQueue, type Candidate } from './job-queue.js';
import { isFinal, type JobRecord, type JobStep } from './job-record.js';
import { freePlaces, type SchedulerLimits } from './scheduler.js';
import {
  beginCancel,
  completeTask,
  finishCancel,
  startNext,
  type JobTask,
  type TaskResult,
} from './transitions.js';

const NOW = '2026-11-22T10:00:01.000Z';

/** The rule itself, looking at everything each time. */
function nextByRule(
  records: readonly JobRecord[],
  stage: TaskStage,
  { maxActiveJobs, jobWindow }: SchedulerLimits,
): Candidate | undefined {
  const age = ({ createTime, id }: JobRecord): string => `${createTime} ${id}`;
  const active = records
    .filter((record) => !isFinal(record) && record.state !== 'cancelling')
    .sort((a, b) => (age(a) < age(b) ? -1 : 1))
    .sort((a, b) => Number(a.state === 'queued') - Number(b.state === 'queued'))
    .slice(0, maxActiveJobs);
  const ofStage = (record: JobRecord): readonly [number, number] => {
    const steps = (Object.keys(record.progress.steps) as JobStep[]).filter(
      (step) => stageOf(step) === stage,
    );
    return [
      record.progress.inFlight.filter(({ step }) => stageOf(step) === stage).length,
      steps.reduce((sum, step) => sum + stepState<JobStep>(record.progress, step).doneCount, 0),
    ];
  };
  let best: (Candidate & { readonly rank: readonly [number, number] }) | undefined;
  for (const record of active) {
    if (record.progress.inFlight.length >= jobWindow) continue;
    const ready = readySteps(graphOf(record), record.progress);
    const step = ready.find((other) => stageOf(other.step) === stage)?.step;
    if (step === undefined) continue;
    const rank = ofStage(record);
    if (best !== undefined && compare(rank, best.rank) >= 0) continue;
    best = { job: record.id, step, rank };
  }
  return best && { job: best.job, step: best.step };
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0] || a[1] - b[1];
}

function resultOf({ step }: JobTask, frameCount: number): TaskResult {
  const media = { ...MEDIA, frameCount, sampleCount: frameCount * 640 };
  return {
    execution: undefined,
    ...(step === 'prepareMedia' && { prepared: { media, notices: [] } }),
    ...(step === 'assembleResult' && { files: {} }),
  };
}

const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('add' as const), pick: fc.nat(9) }) },
  {
    weight: 20,
    arbitrary: fc.record({
      what: fc.constant('start' as const),
      pick: fc.nat(TASK_STAGES.length - 1),
    }),
  },
  {
    weight: 15,
    arbitrary: fc.record({ what: fc.constant('complete' as const), pick: fc.nat(50) }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('cancel' as const), pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remove' as const), pick: fc.nat(9) }) },
);

describe('JobQueue', () => {
  it('gives who the rule gives, whatever has happened to the jobs', () => {
    const limits = fc.record({
      maxActiveJobs: fc.integer({ min: 1, max: 5 }),
      jobWindow: fc.integer({ min: 1, max: 4 }),
    });
    let given = 0;
    fc.assert(
      fc.property(
        limits,
        fc.array(happening, { minLength: 60, maxLength: 150 }),
        (limit, happenings) => {
          const queue = new JobQueue(limit);
          const jobs = new Map<string, JobRecord>();
          const set = (record: JobRecord): void => {
            jobs.set(record.id, record);
            queue.set(record);
          };
          happenings.forEach(({ what, pick }, time) => {
            const id = `job-${pick}`;
            const record = jobs.get(id);
            if (what === 'add') {
              // Not in the order of age, and now and then under an id that was there before.
              const createTime = `2026-11-22T10:00:${String((time * 7) % 60).padStart(2, '0')}.000Z`;
              set(jobRecord({ id, createTime, chunkFrames: 50 }));
            } else if (what === 'cancel' && record !== undefined) {
              set(beginCancel(record));
              set(finishCancel(jobs.get(id)!, NOW));
            } else if (what === 'remove') {
              jobs.delete(id);
              queue.delete(id);
            } else if (what === 'start') {
              const stages = [...TASK_STAGES.slice(pick), ...TASK_STAGES.slice(0, pick)];
              const next = stages.map((stage) => queue.next(stage)).find((found) => found);
              if (next === undefined) return;
              given++;
              set(startNext(jobs.get(next.job)!, next.step, NOW).record);
            } else if (what === 'complete') {
              const running = [...jobs.values()].filter(
                ({ progress }) => progress.inFlight.length > 0,
              );
              const chosen = running[pick % running.length];
              if (chosen === undefined) return;
              const { inFlight } = chosen.progress;
              const task = inFlight[pick % inFlight.length]!;
              set(completeTask(chosen, task, resultOf(task, 200), NOW));
            }
            for (const stage of TASK_STAGES) {
              const expected = nextByRule([...jobs.values()], stage, limit);
              expect(queue.next(stage)).toEqual(expected);
            }
          });
        },
      ),
      { numRuns: 60 },
    );
    expect(given).toBeGreaterThan(100);
  });

  it('keeps what a job has in flight under its window, and the jobs under way under theirs', () => {
    const queue = new JobQueue({ maxActiveJobs: 2, jobWindow: 3 });
    const jobs = new Map<string, JobRecord>();
    for (const id of ['a', 'b', 'c']) {
      const record = jobRecord({ id, media: MEDIA, chunkFrames: 10 });
      const progress = { inFlight: [], steps: { prepareMedia: { startedCount: 1, doneCount: 1 } } };
      jobs.set(id, { ...record, progress });
      queue.set(jobs.get(id)!);
    }
    const started = { a: 0, b: 0, c: 0 };
    for (let next = queue.next('face-track'); next; next = queue.next('face-track')) {
      started[next.job as 'a']++;
      const { record } = startNext(jobs.get(next.job)!, next.step, NOW);
      jobs.set(next.job, record);
      queue.set(record);
    }
    expect(started).toEqual({ a: 3, b: 3, c: 0 });
  });
});

/** A system of one slot per stage whose queues the engine fills; time is counted in tasks done. */
class Simulation {
  readonly #queue = new JobQueue({ maxActiveJobs: 64, jobWindow: 64 });
  readonly #jobs = new Map<string, JobRecord>();
  readonly #frames = new Map<string, number>();
  readonly #stages = new Map<TaskStage, { readonly job: string; readonly task: JobTask }[]>(
    TASK_STAGES.map((stage) => [stage, []]),
  );
  readonly doneOf = new Map<string, number>();
  doneCount = 0;

  add(id: string, frameCount: number): void {
    this.#frames.set(id, frameCount);
    this.#set(jobRecord({ id, chunkFrames: 50, createTime: `2026-11-22T10:00:00.${id}Z` }));
  }

  isOver(id: string): boolean {
    return isFinal(this.#jobs.get(id)!);
  }

  /** Each stage does one task. */
  round(): void {
    for (const stage of TASK_STAGES) this.#fill(stage);
    for (const [, waiting] of this.#stages) {
      const next = waiting.shift();
      if (next === undefined) continue;
      const { job, task } = next;
      const result = resultOf(task, this.#frames.get(job)!);
      this.#set(completeTask(this.#jobs.get(job)!, task, result, NOW));
      this.doneOf.set(job, (this.doneOf.get(job) ?? 0) + 1);
      this.doneCount++;
    }
  }

  #fill(stage: TaskStage): void {
    const waiting = this.#stages.get(stage)!;
    let places = freePlaces({ pending: waiting.length, inFlight: 1, waitingPulls: 0 });
    for (; places > 0; places--) {
      const next = this.#queue.next(stage);
      if (next === undefined) return;
      const { record, task } = startNext(this.#jobs.get(next.job)!, next.step, NOW);
      this.#set(record);
      waiting.push({ job: next.job, task });
    }
  }

  #set(record: JobRecord): void {
    this.#jobs.set(record.id, record);
    this.#queue.set(record);
  }
}

describe('fairness', () => {
  it('lets short jobs overtake a long one: each ends after little more than the work of all short ones', () => {
    const simulation = new Simulation();
    simulation.add('long', 50 * 2_000);
    for (let i = 0; i < 200; i++) simulation.round();
    const shorts = Array.from({ length: 10 }, (_, index) => `${index}00`);
    for (const id of shorts) simulation.add(id, 50 * 3);
    const since = simulation.doneCount;
    const longBefore = simulation.doneOf.get('long')!;
    while (!shorts.every((id) => simulation.isOver(id))) simulation.round();
    const ofShorts = shorts.reduce((sum, id) => sum + simulation.doneOf.get(id)!, 0);
    const ofLong = simulation.doneOf.get('long')! - longBefore;
    expect(simulation.doneCount - since).toBe(ofShorts + ofLong);
    // The long one goes on as well, but takes no more than its share.
    expect(ofLong).toBeGreaterThan(0);
    expect(ofLong).toBeLessThan(ofShorts);
    expect(simulation.isOver('long')).toBe(false);
  });

  it('ends the long job too', () => {
    const simulation = new Simulation();
    simulation.add('long', 50 * 40);
    for (let i = 0; i < 5; i++) simulation.add(`${i}00`, 50 * 10);
    for (let i = 0; i < 1_000 && !simulation.isOver('long'); i++) simulation.round();
    expect(simulation.isOver('long')).toBe(true);
  });
});

describe('freePlaces', () => {
  it('keeps a short queue before idle workers, and three tasks for each that is worked on', () => {
    expect(freePlaces({ pending: 0, inFlight: 0, waitingPulls: 0 })).toBe(4);
    expect(freePlaces({ pending: 0, inFlight: 0, waitingPulls: 8 })).toBe(12);
    expect(freePlaces({ pending: 10, inFlight: 20, waitingPulls: 0 })).toBe(50);
    expect(freePlaces({ pending: 60, inFlight: 20, waitingPulls: 0 })).toBe(0);
  });
});
