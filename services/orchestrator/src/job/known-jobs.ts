import { METRIC_AVD_JOB_ACTIVE, metrics } from '@avd/telemetry';
import { expireTimeOf } from './job-facts.js';
import { isFinal, type JobRecord } from './job-record.js';
import { JobQueue } from './job-queue.js';
import type { Jobs, StoredJob } from './jobs.js';
import type { SchedulerLimits } from './scheduler.js';

/** Copies of the jobs in the store, as one engine has seen them last. */
export class KnownJobs {
  /** Those that have not ended, in the order of their turn. */
  readonly queue: JobQueue;
  readonly #jobTtlSec: number;
  readonly #open = new Map<string, StoredJob>();
  /** Those that have ended, and when they are to be removed. */
  readonly #expireMs = new Map<string, number>();

  constructor(limits: SchedulerLimits, jobTtlSec: number) {
    this.queue = new JobQueue(limits);
    this.#jobTtlSec = jobTtlSec;
  }

  /** Jobs that have not ended. */
  open(): JobRecord[] {
    return [...this.#open.values()].map(({ record }) => record);
  }

  isRunning(id: string): boolean {
    return this.#open.get(id)?.record.state === 'running';
  }

  see(stored: StoredJob): void {
    const { record } = stored;
    const known = this.#open.get(record.id);
    // Read before the last change; under its id there may even be another job since.
    if (known !== undefined && known.revision > stored.revision) return;
    if (isFinal(record)) {
      this.forget(record.id);
      this.#expireMs.set(record.id, expireTimeOf(record, this.#jobTtlSec).getTime());
      return;
    }
    this.#expireMs.delete(record.id);
    if (known?.revision === stored.revision) return;
    if (known === undefined) metrics.upDownCounter(METRIC_AVD_JOB_ACTIVE).add(1);
    this.#open.set(record.id, stored);
    this.queue.set(record);
  }

  forget(id: string): void {
    if (this.#open.delete(id)) metrics.upDownCounter(METRIC_AVD_JOB_ACTIVE).add(-1);
    this.queue.delete(id);
  }

  /** Reads all jobs that are not known to have ended. */
  async refresh(jobs: Jobs): Promise<void> {
    const known = [...this.#open.keys()];
    const ids = new Set(await jobs.ids());
    for (const id of known) if (!ids.has(id)) this.forget(id);
    for (const id of this.#expireMs.keys()) if (!ids.has(id)) this.#expireMs.delete(id);
    for (const id of ids) {
      if (this.#expireMs.has(id)) continue;
      const stored = await jobs.get(id);
      if (stored !== undefined) this.see(stored);
    }
  }

  /** Jobs whose time to be removed has come. */
  expired(): string[] {
    return [...this.#expireMs.keys()].filter((id) => this.isExpired(id));
  }

  isExpired(id: string): boolean {
    return Date.now() > (this.#expireMs.get(id) ?? Infinity);
  }
}
