import { stageV1 } from '@avd/contracts';
import { subscribeProgress, type Messaging } from '@avd/messaging';
import type { Progress } from '@avd/stage-kit';

interface Task {
  readonly step: string;
  readonly index: number;
}

/** An id may be used again by another job. */
interface JobIdentity {
  readonly id: string;
  readonly createTime: string;
}

/** What workers tell of tasks that run now: lost when this process ends, never waited for. */
export interface LiveProgress extends Disposable {
  of(job: string, task: Task): Progress | undefined;
  /** The largest part of a job that was ever told here, this one included. */
  raise(job: JobIdentity, fraction: number): number;
  /** Drops the tasks that no longer run. */
  keepOnly(job: string, tasks: readonly Task[]): void;
  /** Calls the listener at every message about the job. @returns a function that ends it */
  listen(job: string, listener: () => void): () => void;
}

/** More jobs than run at a time; those not heard of for longest are forgotten. */
const MAX_JOBS = 2000;

interface JobNews {
  readonly tasks: Map<string, Progress>;
  fraction: number;
  createTime?: string;
}

/** Listens to the progress of all jobs. Dispose of it before the messaging. */
export function openLiveProgress(messaging: Messaging): LiveProgress {
  const jobs = new Map<string, JobNews>();
  const listeners = new Map<string, Set<() => void>>();

  const newsOf = (job: string): JobNews => {
    const news = jobs.get(job) ?? { tasks: new Map<string, Progress>(), fraction: 0 };
    jobs.delete(job);
    jobs.set(job, news);
    if (jobs.size > MAX_JOBS) {
      for (const oldest of jobs.keys()) {
        jobs.delete(oldest);
        break;
      }
    }
    return news;
  };

  const stop = subscribeProgress(messaging, '*', (payload, job) => {
    const message = decode(payload);
    if (message?.progress === undefined) return;
    newsOf(job).tasks.set(keyOf(message), message.progress);
    for (const listener of listeners.get(job) ?? []) listener();
  });

  return {
    of: (job, task) => jobs.get(job)?.tasks.get(keyOf(task)),
    raise({ id, createTime }, fraction) {
      const news = newsOf(id);
      const isOfBefore = news.createTime !== undefined && news.createTime !== createTime;
      news.fraction = isOfBefore ? fraction : Math.max(news.fraction, fraction);
      news.createTime = createTime;
      return news.fraction;
    },
    keepOnly(job, tasks) {
      const news = jobs.get(job);
      if (news === undefined) return;
      const kept = new Set(tasks.map(keyOf));
      for (const id of news.tasks.keys()) if (!kept.has(id)) news.tasks.delete(id);
    },
    listen(job, listener) {
      const ofJob = listeners.get(job) ?? new Set();
      listeners.set(job, ofJob.add(listener));
      return () => {
        ofJob.delete(listener);
        if (ofJob.size === 0 && listeners.get(job) === ofJob) listeners.delete(job);
      };
    },
    [Symbol.dispose]: stop,
  };
}

function keyOf({ step, index }: Task): string {
  return `${step}/${index}`;
}

function decode(payload: Uint8Array): stageV1.TaskProgress | undefined {
  try {
    return stageV1.TaskProgress.decode(payload);
  } catch {
    // A damaged message is like a lost one.
    return undefined;
  }
}
