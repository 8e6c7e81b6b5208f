import { setTimeout as pause } from 'node:timers/promises';
import { isFinal } from '../job/job-record.js';
import { jobNotFound, type Jobs, type StoredJob } from '../job/jobs.js';
import type { LiveProgress } from './live-progress.js';

export interface FollowDeps {
  readonly jobs: Jobs;
  readonly live: LiveProgress;
  /** A sign of life comes after so long without a change. @default 15000 */
  readonly heartbeatMs?: number;
  /** Changes within this time are told together. @default 200 */
  readonly minIntervalMs?: number;
  /** Aborts when this process begins to stop: followers then go on with another one. */
  readonly draining?: AbortSignal;
}

export type JobUpdate =
  | { readonly kind: 'job'; readonly stored: StoredJob }
  | { readonly kind: 'heartbeat'; readonly revision: number };

/**
 * A job now, and again with every change of it or of its live progress; ends after a terminal state.
 * @param seenRevision this one was told before: it is left out, where it is still the last
 * @throws AvdError notFound JOB_NOT_FOUND, also when the job is removed meanwhile; cancelled; the reason of `draining`
 */
export async function* followJob(
  id: string,
  { jobs, live, heartbeatMs = 15_000, minIntervalMs = 200, draining }: FollowDeps,
  options: { readonly seenRevision?: number; readonly signal: AbortSignal },
): AsyncGenerator<JobUpdate, void, undefined> {
  const { seenRevision } = options;
  const leaving = new AbortController();
  const signal = AbortSignal.any([options.signal, ...(draining ? [draining] : [])]);
  const stop = AbortSignal.any([signal, leaving.signal]);
  let wake = (): void => undefined;
  let isLive = false;
  const stopListening = live.listen(id, () => {
    isLive = true;
    wake();
  });
  try {
    let latest = await jobs.need(id);
    let isNew = latest.revision !== seenRevision;
    let end: { readonly error?: unknown } | undefined;
    const watch = async (fromRevision: number): Promise<void> => {
      try {
        for await (const stored of jobs.watch(id, { fromRevision, signal: stop })) {
          latest = stored;
          isNew = true;
          wake();
        }
        end = {};
      } catch (error) {
        end = { error };
      }
      wake();
    };
    if (!isNew && isFinal(latest.record)) return;
    void watch(latest.revision);
    let toldMs = -Infinity;
    for (;;) {
      signal.throwIfAborted();
      if (isNew || isLive) {
        const waitMs = toldMs + minIntervalMs - performance.now();
        if (waitMs > 0) {
          await pause(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
        }
        isNew = false;
        isLive = false;
        const stored = latest;
        yield { kind: 'job', stored };
        if (isFinal(stored.record)) return;
        toldMs = performance.now();
        continue;
      }
      if (end !== undefined) {
        if ('error' in end) throw end.error;
        throw jobNotFound(id);
      }
      const isSilent = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(resolve, heartbeatMs, true);
        wake = () => {
          clearTimeout(timer);
          resolve(false);
        };
        stop.addEventListener('abort', wake, { once: true });
      });
      stop.removeEventListener('abort', wake);
      if (isSilent) yield { kind: 'heartbeat', revision: latest.revision };
    }
  } finally {
    stopListening();
    leaving.abort();
  }
}
