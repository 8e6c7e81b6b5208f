import { pause } from './pause.js';
import type { Timings } from './timings.js';

/** `ready`: takes work; `alive`: answers, but cannot work now. Throws when there is no answer. */
export type Probe = (timeoutMs: number) => Promise<'ready' | 'alive'>;

export interface LivenessListener {
  readonly onReady: (isReady: boolean) => void;
  /** The process does not answer any more; said once. @param why e.g. `gave no answer 3 times in a row` */
  readonly onHung: (why: string) => void;
}

/** Looks at a process until the signal aborts, as the startup and liveness probes of a cluster do. */
export async function watchLiveness(
  probe: Probe,
  timings: Timings,
  { onReady, onHung }: LivenessListener,
  signal: AbortSignal,
): Promise<void> {
  const look = (): Promise<'ready' | 'alive' | 'silent'> =>
    probe(timings.probeTimeoutMs).catch(() => 'silent' as const);
  const startEndMs = performance.now() + timings.startLimitMs;
  for (;;) {
    const answer = await look();
    if (signal.aborted) return;
    if (answer === 'ready') break;
    if (performance.now() > startEndMs) {
      return onHung(`was not ready within ${timings.startLimitMs / 1000} s`);
    }
    await pause(timings.startPollMs, signal);
  }
  onReady(true);
  let failedProbes = 0;
  for (;;) {
    await pause(timings.probeIntervalMs, signal);
    if (signal.aborted) return;
    const answer = await look();
    if (signal.aborted) return;
    failedProbes = answer === 'silent' ? failedProbes + 1 : 0;
    onReady(answer === 'ready');
    if (failedProbes >= timings.maxFailedProbes) {
      return onHung(`gave no answer ${failedProbes} times in a row`);
    }
  }
}
