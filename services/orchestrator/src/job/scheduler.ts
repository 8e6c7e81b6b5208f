import { readySteps, stepState } from '@avd/pipeline';
import type { QueueState, TaskStage } from '@avd/messaging';
import { graphOf, stageOf } from './job-graph.js';
import { isFinal, type JobRecord, type JobStep } from './job-record.js';

/** Limits of what is queued. */
export interface SchedulerLimits {
  /** Jobs under way at once; later ones wait. */
  readonly maxActiveJobs: number;
  /** Tasks of one job in flight at once. */
  readonly jobWindow: number;
}

/** A queue is kept this long at least, and in proportion to what is worked on, so that autoscalers see work waiting. */
const MIN_BACKLOG = 4;
const BACKLOG_PER_BUSY = 3;

/** Tasks which may be put into a queue now. The queue is short, so that a new job does not wait behind an old one's chunks. */
export function freePlaces({ pending, inFlight, waitingPulls }: QueueState): number {
  return Math.max(MIN_BACKLOG + waitingPulls, BACKLOG_PER_BUSY * inFlight) - pending;
}

/** A job's next task for a queue. */
export interface Candidate {
  readonly job: string;
  readonly step: JobStep;
}

/**
 * Who comes next in a queue: the job with the fewest tasks of this stage in flight, then the one that has had the fewest
 * done, then the older one. All jobs share a stage alike; short ones overtake long ones, and none waits for ever.
 */
export function nextCandidate(
  records: Iterable<JobRecord>,
  stage: TaskStage,
  { maxActiveJobs, jobWindow }: SchedulerLimits,
): Candidate | undefined {
  const open = [...records]
    .filter((record) => !isFinal(record) && record.state !== 'cancelling')
    .sort((a, b) => Number(a.state === 'queued') - Number(b.state === 'queued') || byAge(a, b));
  let best: (Candidate & { readonly rank: readonly number[]; readonly record: JobRecord }) | undefined;
  for (const record of open.slice(0, maxActiveJobs)) {
    if (record.progress.inFlight.length >= jobWindow) continue;
    const step = readySteps(graphOf(record), record.progress).find(
      (ready) => stageOf(ready.step) === stage,
    )?.step;
    if (step === undefined) continue;
    const rank = [inFlightOf(record, stage), doneOf(record, stage)];
    if (best === undefined || isBefore(rank, best.rank)) {
      best = { job: record.id, step, rank, record };
    }
  }
  return best && { job: best.job, step: best.step };
}

function inFlightOf({ progress }: JobRecord, stage: TaskStage): number {
  return progress.inFlight.filter(({ step }) => stageOf(step) === stage).length;
}

function doneOf({ progress }: JobRecord, stage: TaskStage): number {
  const steps = Object.keys(progress.steps) as JobStep[];
  return steps
    .filter((step) => stageOf(step) === stage)
    .reduce((sum, step) => sum + stepState<JobStep>(progress, step).doneCount, 0);
}

/** Equal ranks keep the order: the older job. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const i = a.findIndex((value, position) => value !== b[position]);
  return i >= 0 && a[i]! < b[i]!;
}

function byAge(a: JobRecord, b: JobRecord): number {
  if (a.createTime !== b.createTime) return a.createTime < b.createTime ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
