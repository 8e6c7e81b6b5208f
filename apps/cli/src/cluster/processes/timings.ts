/** Limits of the supervision; those of a running system are like the probes of the manifests. */
export interface Timings {
  /** Between two looks at a process that is not ready yet. */
  readonly startPollMs: number;
  /** A process that is not ready after this time counts as hung. */
  readonly startLimitMs: number;
  /** Between two looks at a process that is ready. */
  readonly probeIntervalMs: number;
  /** No answer within this time is a failed look. */
  readonly probeTimeoutMs: number;
  /** Failed looks in a row after which a process counts as hung. */
  readonly maxFailedProbes: number;
  /** A life shorter than this counts as a quick death. */
  readonly quickDeathMs: number;
  /** Quick deaths in a row after which a process is given up. */
  readonly maxQuickDeaths: number;
  /** Pause before the first restart; doubled with every quick death. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** Time to leave at the end, after the grace for unfinished work. */
  readonly leaveMs: number;
}

export const DEFAULT_TIMINGS: Timings = {
  startPollMs: 150,
  startLimitMs: 120_000,
  probeIntervalMs: 2000,
  probeTimeoutMs: 3000,
  maxFailedProbes: 3,
  quickDeathMs: 5000,
  maxQuickDeaths: 5,
  backoffMs: 100,
  maxBackoffMs: 5000,
  leaveMs: 5000,
};
