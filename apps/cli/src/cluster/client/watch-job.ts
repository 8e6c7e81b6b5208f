import { AvdError } from '@avd/domain';
import { createReporter, type OutputMode } from '../../progress/create-reporter.js';
import { speakerTable } from '../../speaker-table.js';
import type { JobClient } from './connect.js';
import { downloadResults, readDiarization } from './download-results.js';
import { followJob } from './follow-job.js';
import { jobEvents } from './job-events.js';
import { jobId, withAdvice } from './job-name.js';
import { elapsedSec, requireSucceeded, type Job } from './job-state.js';
import { withSourceAdvice } from './recording-source.js';

export interface WatchJobOptions {
  readonly name: string;
  readonly output: OutputMode;
  /** Where the results go at the end; without it they stay on the server. */
  readonly outDir?: string;
  readonly signal: AbortSignal;
  /** Whether somebody sits there, who is told on the first Ctrl-C that the job goes on, and leaves with the second. */
  readonly isInteractive: boolean;
}

/**
 * Follows a job to its end with the display of `avd diarize`, fetches its results, and prints the same summary.
 * @throws AvdError the error of a job that failed; cancelled for one that was cancelled, or when it is left
 */
export async function watchJob(jobs: JobClient, options: WatchJobOptions): Promise<void> {
  const { name, output, outDir, isInteractive, signal } = options;
  const reporter = createReporter(output);
  // With somebody there, the second Ctrl-C ends the whole program.
  const leave = isInteractive ? new AbortController().signal : signal;
  let last: Job | undefined;
  const onFirst = (): void => {
    if (isInteractive && output !== 'quiet') {
      reporter.event({ type: 'notice', message: `${goesOn(name)} Ctrl-C again leaves.` });
    } else {
      reporter.end();
      process.stderr.write(`${goesOn(name)}\n`);
    }
  };
  signal.addEventListener('abort', onFirst, { once: true });
  try {
    const eventsOf = jobEvents();
    const onLost = (): void =>
      reporter.event({ type: 'notice', message: `${jobs.address} is away; trying again.` });
    for await (const job of followJob(jobs, name, { signal: leave, onLost })) {
      for (const event of eventsOf(job)) reporter.event(event);
      last = job;
    }
    reporter.end();
    if (last === undefined) throw new AvdError('internal', 'INTERNAL', 'The job told nothing.');
    requireSucceeded(last);
    if (outDir !== undefined) await downloadResults(jobs, name, outDir, leave);
    await printSummary(jobs, last, { ...options, signal: leave });
  } catch (error) {
    reporter.end();
    if (leave.aborted) throw new AvdError('cancelled', 'CANCELLED', 'Stopped watching the job.');
    const uri = last?.source?.$case === 'uri' ? last.source.value : '';
    throw withAdvice(withSourceAdvice(error, uri), name, jobs.address);
  } finally {
    signal.removeEventListener('abort', onFirst);
  }
}

/** What to do about a job that nobody watches. */
export function goesOn(name: string): string {
  const id = jobId(name);
  return `The job goes on: avd watch ${id} follows it, avd cancel ${id} stops it.`;
}

async function printSummary(
  jobs: JobClient,
  job: Job,
  { output, outDir, signal }: Pick<WatchJobOptions, 'output' | 'outDir' | 'signal'>,
): Promise<void> {
  if (output === 'quiet') return;
  const diarization = await readDiarization(jobs, job.name, signal);
  const { durationSec, speakers, notices } = diarization;
  const tookSec = elapsedSec(job);
  if (output === 'json') {
    const summary = {
      ...{ type: 'summary', job: job.name, ...(outDir !== undefined && { outDir }) },
      ...{ durationSec, elapsedSec: tookSec, speakers, notices },
    };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  const speed = tookSec > 0 ? ` (${(durationSec / tookSec).toFixed(1)}x real time)` : '';
  const where =
    outDir === undefined
      ? `avd get ${jobId(job.name)} -o DIR fetches the results`
      : `results in ${outDir}`;
  process.stdout.write(
    `\n${speakerTable(diarization)}\n${tookSec.toFixed(1)} s${speed}; ${where}\n`,
  );
}
