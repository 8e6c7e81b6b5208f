import type { JobEvent } from '../../progress/reporter.js';
import type { Job } from './job-state.js';

interface StepSeen {
  readonly startedMs: number;
  done: number;
  isComplete: boolean;
}

/**
 * What a job's snapshots tell, as the events of a run in this process: call it with each snapshot in turn. How long a step
 * took is measured here, to the snapshot; only of work done before the first one the server tells.
 * @param clockMs for tests
 */
export function jobEvents(
  clockMs: () => number = () => performance.now(),
): (job: Job) => JobEvent[] {
  const steps = new Map<string, StepSeen>();
  const notices = new Set<string>();
  /** When the snapshot before came: work that shows now began after it. */
  let beforeMs: number | undefined;
  return (job) => {
    const nowMs = clockMs();
    beforeMs ??= nowMs - workedMs(job);
    const events: JobEvent[] = [];
    for (const progress of job.progress?.steps ?? []) {
      const { step, total, unit, totalTasks, doneTasks, reusedTasks } = progress;
      const done = Math.min(total, progress.done);
      if (done <= 0 && doneTasks === 0) continue;
      const seen = steps.get(step) ?? { startedMs: beforeMs, done: 0, isComplete: false };
      steps.set(step, seen);
      if (seen.isComplete) continue;
      if (done > seen.done && total > 0) events.push({ type: 'progress', step, done, total, unit });
      seen.done = done;
      if (totalTasks === 0 || doneTasks < totalTasks) continue;
      seen.isComplete = true;
      const elapsedSec = Math.max(0, nowMs - seen.startedMs) / 1000;
      events.push({ type: 'step', step, tasks: totalTasks, reused: reusedTasks, elapsedSec });
    }
    for (const message of job.notices) {
      if (!notices.has(message)) events.push({ type: 'notice', message });
      notices.add(message);
    }
    beforeMs = nowMs;
    return events;
  };
}

/** How long work on a job has gone on, by the server's own clock. */
function workedMs({ startTime, updateTime }: Job): number {
  if (startTime === undefined || updateTime === undefined) return 0;
  return Math.max(0, updateTime.getTime() - startTime.getTime());
}
