import type { ServerResponse } from 'node:http';
import { AvdError } from '@avd/domain';
import type { diarizationV1 } from '@avd/contracts';
import { followJob, type FollowDeps } from '../api/follow-job.js';
import { jobProgress } from '../api/job-progress.js';
import { isFinal, type JobRecord } from '../job/job-record.js';
import type { LiveProgress } from '../api/live-progress.js';

/** What the page of a job shows while it runs. */
export interface JobProgressView {
  readonly state: string;
  readonly hasEnded: boolean;
  readonly fraction: number;
  readonly steps: readonly diarizationV1.StepProgress[];
  /** Why it failed; else empty. */
  readonly error: string;
}

export function progressView(record: JobRecord, live: LiveProgress): JobProgressView {
  return {
    state: record.state,
    hasEnded: isFinal(record),
    ...jobProgress(record, live),
    error: record.error?.message ?? '',
  };
}

/**
 * Tells a browser of a job's changes as server-sent events, until it has ended: `message` with a JobProgressView,
 * `gone` when the job was removed.
 */
export async function sendJobEvents(
  id: string,
  deps: FollowDeps,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const send = async (text: string): Promise<void> => {
    if (response.write(text)) return;
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  };
  try {
    for await (const update of followJob(id, deps, { signal })) {
      await send(
        update.kind === 'heartbeat'
          ? ': still there\n\n'
          : `data: ${JSON.stringify(progressView(update.stored.record, deps.live))}\n\n`,
      );
    }
  } catch (error) {
    if (AvdError.from(error).reason !== 'JOB_NOT_FOUND') throw error;
    await send('event: gone\ndata:\n\n');
  }
  response.end();
}
