import type { QueueState } from '@avd/messaging';

/** Limits of what is queued. */
export interface SchedulerLimits {
  /** Jobs under way at once; later ones wait. */
  readonly maxActiveJobs: number;
  /** Tasks of one job in flight at once. */
  readonly jobWindow: number;
}

/** A queue is kept this long at least, and in proportion to what is worked on, so that autoscalers see work waiting. */
const MIN_BACKLOG = 4;
const BACKLOG_PER_BUSY = 3;

/** Tasks which may be put into a queue now. The queue is short, so that a new job does not wait behind an old one's chunks. */
export function freePlaces({ pending, inFlight, waitingPulls }: QueueState): number {
  return Math.max(MIN_BACKLOG + waitingPulls, BACKLOG_PER_BUSY * inFlight) - pending;
}
