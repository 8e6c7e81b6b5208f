import { readySteps } from '@avd/pipeline';
import { TASK_STAGES, type TaskStage } from '@avd/messaging';
import { graphOf, stageOf } from './job-graph.js';
import { isFinal, type JobRecord, type JobStep } from './job-record.js';
import { MinHeap } from './min-heap.js';
import type { SchedulerLimits } from './scheduler.js';

/** A job's next task for a queue. */
export interface Candidate {
  readonly job: string;
  readonly step: JobStep;
}

/** A job's place among all; one that begins to run takes another place. */
interface Place {
  readonly id: string;
  readonly createTime: string;
  readonly isWaiting: boolean;
  record: JobRecord;
  /** Among the first `maxActiveJobs`. */
  isActive: boolean;
  /** Offers of earlier versions are void. */
  version: number;
}

interface Offer extends Candidate {
  readonly place: Place;
  readonly version: number;
  readonly inFlightCount: number;
  readonly doneCount: number;
}

/** Void offers stay in a heap until they come up, or until there are this many more than jobs could make. */
const VOID_SLACK = 64;

/**
 * Who comes next in a queue, among the oldest jobs under way: the job with the fewest tasks of this stage in flight, then
 * the one that has had the fewest done, then the older one. All jobs share a stage alike, and short ones overtake long
 * ones. The cost of an answer or of a change hardly grows with the number of jobs, and not at all with that of chunks.
 */
export class JobQueue {
  readonly #limits: SchedulerLimits;
  readonly #places = new Map<string, Place>();
  /** Jobs under way by age, then those that wait by age. */
  readonly #order: Place[] = [];
  readonly #offers: ReadonlyMap<TaskStage, MinHeap<Offer>>;

  constructor(limits: SchedulerLimits) {
    this.#limits = limits;
    this.#offers = new Map(TASK_STAGES.map((stage) => [stage, new MinHeap(comesBefore)]));
  }

  /** Takes a job in, or what has become of it. */
  set(record: JobRecord): void {
    if (isFinal(record) || record.state === 'cancelling') {
      this.delete(record.id);
      return;
    }
    const known = this.#places.get(record.id);
    const isWaiting = record.state === 'queued';
    if (known?.isWaiting === isWaiting && known.createTime === record.createTime) {
      known.record = record;
      this.#offer(known);
      return;
    }
    if (known !== undefined) this.#leave(known);
    const { id, createTime } = record;
    this.#enter({ id, createTime, isWaiting, record, isActive: false, version: 0 });
  }

  delete(id: string): void {
    const place = this.#places.get(id);
    if (place !== undefined) this.#leave(place);
  }

  next(stage: TaskStage): Candidate | undefined {
    const offers = this.#offers.get(stage)!;
    for (let best = offers.peek(); best !== undefined; best = offers.peek()) {
      if (isValid(best)) return { job: best.job, step: best.step };
      offers.pop();
    }
    return undefined;
  }

  #enter(place: Place): void {
    const at = this.#positionOf(place);
    this.#places.set(place.id, place);
    this.#order.splice(at, 0, place);
    const { maxActiveJobs } = this.#limits;
    if (at >= maxActiveJobs) return;
    const displaced = this.#order[maxActiveJobs];
    if (displaced !== undefined) displaced.isActive = false;
    place.isActive = true;
    this.#offer(place);
  }

  #leave(place: Place): void {
    this.#places.delete(place.id);
    this.#order.splice(this.#positionOf(place), 1);
    if (!place.isActive) return;
    place.isActive = false;
    const next = this.#order[this.#limits.maxActiveJobs - 1];
    if (next === undefined || next.isActive) return;
    next.isActive = true;
    this.#offer(next);
  }

  #positionOf(place: Place): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isOlder(this.#order[middle]!, place)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Says what the job could do next in each stage; what it said before is void. */
  #offer(place: Place): void {
    const version = ++place.version;
    if (!place.isActive) return;
    const { record } = place;
    const { progress } = record;
    if (progress.inFlight.length >= this.#limits.jobWindow) return;
    const offered = new Set<TaskStage>();
    for (const { step } of readySteps(graphOf(record), progress)) {
      const stage = stageOf(step);
      if (offered.has(stage)) continue;
      offered.add(stage);
      const counts = { inFlightCount: inFlightOf(record, stage), doneCount: doneOf(record, stage) };
      const offers = this.#offers.get(stage)!;
      offers.push({ job: place.id, step, place, version, ...counts });
      if (offers.size > 2 * this.#order.length + VOID_SLACK) offers.keep(isValid);
    }
  }
}

function isValid({ place, version }: Offer): boolean {
  return place.isActive && place.version === version;
}

function comesBefore(a: Offer, b: Offer): boolean {
  if (a.inFlightCount !== b.inFlightCount) return a.inFlightCount < b.inFlightCount;
  if (a.doneCount !== b.doneCount) return a.doneCount < b.doneCount;
  return isOlder(a.place, b.place);
}

function isOlder(a: Place, b: Place): boolean {
  if (a.isWaiting !== b.isWaiting) return b.isWaiting;
  if (a.createTime !== b.createTime) return a.createTime < b.createTime;
  return a.id < b.id;
}

function inFlightOf({ progress }: JobRecord, stage: TaskStage): number {
  return progress.inFlight.filter(({ step }) => stageOf(step) === stage).length;
}

function doneOf({ progress }: JobRecord, stage: TaskStage): number {
  const steps = Object.entries(progress.steps) as [JobStep, { readonly doneCount: number }][];
  return steps
    .filter(([step]) => stageOf(step) === stage)
    .reduce((sum, [, { doneCount }]) => sum + doneCount, 0);
}
