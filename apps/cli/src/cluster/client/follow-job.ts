import { AvdError } from '@avd/domain';
import { pause } from '../processes/pause.js';
import { CALL_LIMIT_SEC, type JobClient } from './connect.js';
import { hasEnded, type Job } from './job-state.js';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** How long a server may be away in the middle. @default 120 */
  readonly awayLimitSec?: number;
  /** The connection was lost, and is tried again. */
  readonly onLost?: () => void;
}

const RETRY_MS = 500;

/**
 * A job as it is, and again with every change, until it has ended; goes on where it was when the stream breaks.
 * @throws AvdError notFound JOB_NOT_FOUND; unavailable when nobody listens; cancelled
 */
export async function* followJob(
  jobs: JobClient,
  name: string,
  { signal, awayLimitSec = 120, onLost }: FollowOptions,
): AsyncGenerator<Job, void, undefined> {
  let resumeToken = '';
  let isKnown = false;
  let awaySinceMs: number | undefined;
  for (;;) {
    try {
      const updates = jobs.stream('watchDiarizationJob', { name, resumeToken }, { signal });
      for await (const message of updates) {
        if (message.resumeToken !== '') resumeToken = message.resumeToken;
        isKnown = true;
        awaySinceMs = undefined;
        if (message.update?.$case !== 'diarizationJob') continue;
        yield message.update.value;
        if (hasEnded(message.update.value)) return;
      }
      // A stream that goes on after the last change of a job says nothing and ends.
      const job = await jobs.call(
        'getDiarizationJob',
        { name },
        { signal, deadlineSec: CALL_LIMIT_SEC },
      );
      if (hasEnded(job)) return yield job;
    } catch (error) {
      if (!isKnown || AvdError.from(error).kind !== 'unavailable') throw error;
      if (awaySinceMs === undefined) onLost?.();
      awaySinceMs ??= performance.now();
      if (performance.now() - awaySinceMs > awayLimitSec * 1000) throw error;
    }
    await pause(RETRY_MS, signal);
  }
}
