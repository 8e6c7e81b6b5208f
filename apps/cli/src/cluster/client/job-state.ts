import { diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { fromStatus } from '@avd/rpc';
import { jobId } from './job-name.js';

export type Job = diarizationV1.DiarizationJob;
const { DiarizationJob_State: State } = diarizationV1;

/** States by the names of the contract. */
export const STATE_NAMES = [
  'QUEUED',
  'RUNNING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLING',
  'CANCELLED',
] as const;
export type StateName = (typeof STATE_NAMES)[number];

/** `UNKNOWN` for a state of a newer server. */
export function stateName({ state }: Job): StateName | 'UNKNOWN' {
  return STATE_NAMES.find((name) => State[name] === state) ?? 'UNKNOWN';
}

export function hasEnded({ state }: Job): boolean {
  return state === State.SUCCEEDED || state === State.FAILED || state === State.CANCELLED;
}

/** @throws AvdError the error of a job that failed, `cancelled` for one that was cancelled */
export function requireSucceeded(job: Job): void {
  if (job.state === State.SUCCEEDED) return;
  if (job.state === State.FAILED && job.error !== undefined) throw fromStatus(job.error);
  const name = jobId(job.name);
  if (job.state === State.CANCELLED) {
    throw new AvdError('cancelled', 'JOB_CANCELLED', `The job ${name} was cancelled.`);
  }
  throw new AvdError('precondition', 'JOB_NOT_ENDED', `The job ${name} has not ended.`);
}

/** How long the work took; from its acceptance, where it is not known when work began. */
export function elapsedSec({ startTime, createTime, endTime }: Job): number {
  const start = startTime ?? createTime;
  if (start === undefined || endTime === undefined) return 0;
  return Math.max(0, endTime.getTime() - start.getTime()) / 1000;
}

/** What a person calls the recording of a job. */
export function sourceText({ source, recording }: Job): string {
  if (source?.$case === 'uri') return source.value;
  return recording === '' ? (source?.value ?? '') : recording;
}
