import { stageV1 } from '@avd/contracts';
import { stepState } from '@avd/pipeline';
import { expect } from 'vitest';
import { graphOf } from '../job-graph.js';
import type { JobRecord } from '../job-record.js';
import type { EngineBench } from './engine-bench.js';

export const taskCount = (record: JobRecord): number =>
  graphOf(record).steps.reduce((sum, { count }) => sum + count, 0);

export const deadLetters = ({ tap }: EngineBench): stageV1.DeadLetter[] =>
  tap.messages
    .filter(({ subject }) => subject.startsWith('avd.v1.dead.'))
    .map(({ payload }) => stageV1.DeadLetter.decode(payload));

/** Everything of the job is done, and each of its tasks was run once. */
export function expectDone(record: JobRecord, runs: readonly string[]): void {
  expect(record).toMatchObject({ state: 'succeeded', files: { 'result.rttm': {} } });
  for (const { step, count } of graphOf(record).steps) {
    expect(stepState(record.progress, step)).toEqual({ startedCount: count, doneCount: count });
  }
  const ofJob = runs.filter((taskId) => taskId.startsWith(`${record.id}/`));
  expect(new Set(ofJob).size).toBe(taskCount(record));
}
