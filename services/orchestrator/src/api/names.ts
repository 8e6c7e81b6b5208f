import { randomBytes } from 'node:crypto';
import { invalidField } from './api-errors.js';

const JOB_PREFIX = 'diarizationJobs/';
const RESULT_SUFFIX = '/diarization';
const JOB_ID = /^[a-z][a-z0-9-]{2,61}[a-z0-9]$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const TIME_DIGITS = 12;

export function jobName(id: string): string {
  return `${JOB_PREFIX}${id}`;
}

export function resultName(id: string): string {
  return `${jobName(id)}${RESULT_SUFFIX}`;
}

/** Id in `diarizationJobs/{job}`. @throws AvdError invalidInput INVALID_FIELD */
export function parseJobName(name: string): string {
  const id = name.startsWith(JOB_PREFIX) ? name.slice(JOB_PREFIX.length) : '';
  if (!isJobId(id)) throw invalidField('name', 'must be diarizationJobs/{job}');
  return id;
}

/** Id in `diarizationJobs/{job}/diarization`. @throws AvdError invalidInput INVALID_FIELD */
export function parseResultName(name: string): string {
  const id =
    name.startsWith(JOB_PREFIX) && name.endsWith(RESULT_SUFFIX)
      ? name.slice(JOB_PREFIX.length, -RESULT_SUFFIX.length)
      : '';
  if (!isJobId(id)) throw invalidField('name', 'must be diarizationJobs/{job}/diarization');
  return id;
}

export function isJobId(id: string): boolean {
  return JOB_ID.test(id);
}

/** A new job id; ids sort by the time they were made. */
export function newJobId(nowMs: number = Date.now()): string {
  const time = nowMs.toString(16).padStart(TIME_DIGITS, '0');
  return `j${time}-${randomBytes(6).toString('hex')}`;
}

/** @throws AvdError invalidInput INVALID_FIELD for what is not a UUID */
export function checkUuid(value: string, field: string): void {
  if (!UUID.test(value)) throw invalidField(field, 'must be a UUID');
}
