import { jobId } from './job-name.js';
import { elapsedSec, hasEnded, sourceText, stateName, type Job } from './job-state.js';

/** A job for a person, a fact a line. */
export function jobFacts(job: Job): string {
  const { progress, config, labels, error, notices, traceId } = job;
  const facts: [string, string | undefined][] = [
    ['job', jobId(job.name)],
    ['recording', sourceText(job)],
    ['state', stateName(job)],
    ['progress', percent(progress?.fraction)],
    ['profile', config?.profile],
    ['created', timeText(job.createTime)],
    ['started', timeText(job.startTime)],
    ['ended', timeText(job.endTime)],
    ['took', hasEnded(job) ? `${elapsedSec(job).toFixed(1)} s` : undefined],
    ...Object.entries(labels).map(([key, value]): [string, string] => ['label', `${key}=${value}`]),
    ...notices.map((notice): [string, string] => ['note', notice]),
    ['error', error?.message],
    ['trace', traceId],
  ];
  const lines = facts
    .filter((fact): fact is [string, string] => fact[1] !== undefined && fact[1] !== '')
    .map(([name, value]) => `${name.padEnd(10)} ${value}\n`);
  const steps = (progress?.steps ?? []).map(
    ({ step, doneTasks, totalTasks }) =>
      `${'step'.padEnd(10)} ${step}: ${doneTasks} of ${totalTasks} tasks\n`,
  );
  return [...lines, ...steps].join('');
}

/** Jobs for a person, a line each. */
export function jobTable(jobs: readonly Job[]): string {
  if (jobs.length === 0) return 'There are no jobs.\n';
  const rows = [
    ['job', 'state', 'done', 'created', 'recording'],
    ...jobs.map((job) => [
      jobId(job.name),
      stateName(job),
      percent(job.progress?.fraction),
      timeText(job.createTime) ?? '',
      sourceText(job),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function percent(fraction = 0): string {
  return `${Math.floor(100 * fraction)} %`;
}

/** To the second, UTC: the same on every machine. */
function timeText(time: Date | undefined): string | undefined {
  return time?.toISOString().replace(/\.\d+Z$/, 'Z');
}
