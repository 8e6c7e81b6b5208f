import type { JobEvent } from '../../progress/reporter.js';
import type { Job } from './job-state.js';

interface StepSeen {
  readonly startedMs: number;
  done: number;
  isComplete: boolean;
}

/** What a job's snapshots tell, as the events of a run in this process: call it with each snapshot in turn. */
export function jobEvents(): (job: Job) => JobEvent[] {
  const steps = new Map<string, StepSeen>();
  const notices = new Set<string>();
  /** Time of the snapshot before: work that shows now began after it. */
  let beforeMs = 0;
  return (job) => {
    const { updateTime, startTime, createTime } = job;
    const nowMs = (updateTime ?? startTime ?? createTime ?? new Date()).getTime();
    const earliestMs = Math.max(beforeMs, startTime?.getTime() ?? 0);
    const events: JobEvent[] = [];
    for (const progress of job.progress?.steps ?? []) {
      const { step, total, unit, totalTasks, doneTasks, reusedTasks } = progress;
      // Some steps count parts of one task.
      const done = Math.min(total, progress.done);
      if (done <= 0 && doneTasks === 0) continue;
      const seen = steps.get(step) ?? { startedMs: earliestMs, done: 0, isComplete: false };
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
