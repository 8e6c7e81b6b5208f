import type { HrTime } from '@opentelemetry/api';
import { MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { startSdk } from '../sdk/start-sdk.js';
import type { Env } from '../telemetry-env.js';
import { SPAN_KINDS, STATUS_CODES, type MetricPoint, type SpanRecord } from './records.js';
import { orphanSpans, spanTree, type SpanTreeOptions } from './span-tree.js';

/** Traces and metrics of this process, kept in memory until it is disposed of. */
export interface CollectedTelemetry extends AsyncDisposable {
  /** Spans that ended, in the order of their ends. */
  spans(): SpanRecord[];
  /** The spans as text (`spanTree`). */
  tree(options?: SpanTreeOptions): string;
  /** Spans whose parent did not end or does not exist. */
  orphans(): SpanRecord[];
  /** All series as they are now. */
  metrics(): Promise<MetricPoint[]>;
  /** Forgets the spans. */
  reset(): void;
}

class ManualReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/**
 * Registers an SDK that keeps everything in memory. Only one can be registered in a process at a time.
 *
 * @param env variables for the sampler (OTEL_TRACES_SAMPLER). @default none: everything is sampled
 */
export function collectTelemetry(serviceName = 'test', env: Env = {}): CollectedTelemetry {
  let finished: SpanRecord[] = [];
  // Not the SDK's in-memory exporter: it gets spans only after the resource is complete, some ticks later.
  const processor: SpanProcessor = {
    onStart: () => {},
    onEnd: (span) => void finished.push(spanToRecord(span)),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const reader = new ManualReader();
  const shutdown = startSdk({ serviceName, serviceVersion: '0.0.0' }, env, {
    spanProcessors: [processor],
    metricReaders: [reader],
  });
  const spans = (): SpanRecord[] => [...finished];
  return {
    spans,
    tree: (options) => spanTree(spans(), options),
    orphans: () => orphanSpans(spans()),
    metrics: async () => metricPoints((await reader.collect()).resourceMetrics),
    reset: () => {
      finished = [];
    },
    [Symbol.asyncDispose]: shutdown,
  };
}

function spanToRecord(span: ReadableSpan): SpanRecord {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    ...(span.parentSpanContext && { parentSpanId: span.parentSpanContext.spanId }),
    name: span.name,
    kind: SPAN_KINDS[span.kind],
    service: String(span.resource.attributes['service.name']),
    attributes: span.attributes,
    status: STATUS_CODES[span.status.code],
    ...(span.status.message !== undefined && { statusMessage: span.status.message }),
    eventNames: span.events.map(({ name }) => name),
    links: span.links.map(({ context }) => ({ traceId: context.traceId, spanId: context.spanId })),
    startMs: toMs(span.startTime),
    endMs: toMs(span.endTime),
  };
}

function metricPoints({ resource, scopeMetrics }: ResourceMetrics): MetricPoint[] {
  const service = String(resource.attributes['service.name']);
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => ({
        name: descriptor.name,
        unit: descriptor.unit,
        service,
        attributes,
        ...(typeof value === 'number' ? { value } : { value: value.sum ?? 0, count: value.count }),
      })),
    );
}

function toMs([seconds, nanoseconds]: HrTime): number {
  return seconds * 1e3 + nanoseconds / 1e6;
}
