import { recordingName } from '@avd/domain';
import type { JobRecord } from './job-record.js';

/** Name of the recording in the results. */
export function recordingOf({ recording, fileName }: JobRecord): string {
  return recording ?? recordingName(fileName);
}

/**
 * When the job is removed by itself: as asked for, else `jobTtlSec` after its end. As long as it has not ended, the
 * latter counts from its creation, as no end is known.
 */
export function expireTimeOf(
  { expireTime, endTime, createTime }: JobRecord,
  jobTtlSec: number,
): Date {
  if (expireTime !== undefined) return new Date(expireTime);
  return new Date(Date.parse(endTime ?? createTime) + jobTtlSec * 1000);
}
