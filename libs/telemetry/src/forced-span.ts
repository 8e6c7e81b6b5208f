/**
 * Ids and sampling of the next span, decided before it starts. The SDK asks its id generator and its sampler
 * for them without saying for which span, but does so inside the synchronous `startSpan`; hence one slot.
 */
export interface ForcedSpan {
  readonly traceId: string;
  readonly spanId: string;
}

let forced: ForcedSpan | undefined;

/** Runs `fn` (which must start the span synchronously) so that its span gets the ids given and is sampled. */
export function withForcedSpan<T>(span: ForcedSpan, fn: () => T): T {
  forced = span;
  try {
    return fn();
  } finally {
    forced = undefined;
  }
}

/** What the span that starts now must be; undefined for every ordinary span. */
export function forcedSpan(): ForcedSpan | undefined {
  return forced;
}

let sampleTrace: (traceId: string) => boolean = () => true;

/** Sets who decides for a whole trace, from its id alone (the sampler of the SDK). */
export function setTraceSampling(isSampled: (traceId: string) => boolean): void {
  sampleTrace = isSampled;
}

/** Whether a trace is recorded; always the same answer for the same settings and trace id. */
export function isTraceSampled(traceId: string): boolean {
  return sampleTrace(traceId);
}
