import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';

const SCOPE = '@avd/inference';

/** What is known of a run of a network. */
export interface RunFacts {
  readonly model: string;
  readonly sha256: string;
  readonly provider: string;
  /** Runs of callers that were put together. */
  readonly batchSize: number;
}

/**
 * Spans beneath one span of a caller. A task runs networks for every frame: a span for each would bury the others, so
 * further runs are only counted, in `avd.inference.count` of the caller's span.
 */
const MAX_SPANS = 20;
const runCounts = new WeakMap<Span, number>();

/** The context of a caller, to be kept with its run while that waits. */
export function callerContext(): Context {
  return context.active();
}

/**
 * Marks the begin of a run: a span `avd.inference` where a caller has a span that is recorded (the first 20), and the measures
 * `avd.inference.duration` and `avd.inference.batch_size`. Does nothing while no telemetry is set up.
 * @param callers contexts of the runs in the batch; the first one is the parent, the others are linked
 * @returns to be called at the end
 */
export function traceRun(
  callers: readonly Context[],
  { model, sha256, provider, batchSize }: RunFacts,
): (isFailed: boolean) => void {
  const startedMs = performance.now();
  const span = startSpan(callers, {
    'avd.model.name': model,
    'avd.model.sha256': sha256,
    'avd.execution_provider': provider,
    'avd.batch.size': batchSize,
  });
  return (isFailed) => {
    if (isFailed) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
    const meter = metrics.getMeter(SCOPE);
    const attributes = {
      'avd.model.name': model,
      'avd.execution_provider': provider,
      'avd.outcome': isFailed ? 'failed' : 'ok',
    };
    meter
      .createHistogram('avd.inference.duration', { unit: 's' })
      .record((performance.now() - startedMs) / 1000, attributes);
    meter
      .createHistogram('avd.inference.batch_size', { unit: '{run}' })
      .record(batchSize, attributes);
  };
}

function startSpan(
  callers: readonly Context[],
  attributes: Readonly<Record<string, string | number>>,
): Span | undefined {
  const recording = callers.filter((caller) => trace.getSpan(caller)?.isRecording() === true);
  const [parent, ...others] = recording;
  if (parent === undefined) return undefined;
  const callerSpan = trace.getSpan(parent)!;
  const count = (runCounts.get(callerSpan) ?? 0) + 1;
  runCounts.set(callerSpan, count);
  callerSpan.setAttribute('avd.inference.count', count);
  if (count > MAX_SPANS) return undefined;
  const links = others.map((caller) => ({ context: trace.getSpan(caller)!.spanContext() }));
  const options = { kind: SpanKind.INTERNAL, attributes, links };
  return trace.getTracer(SCOPE).startSpan('avd.inference', options, parent);
}
