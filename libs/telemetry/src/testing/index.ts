export { collectTelemetry, type CollectedTelemetry } from './collect-telemetry.js';
export { startOtlpReceiver, type OtlpReceiver } from './otlp-receiver.js';
export { orphanSpans, spanTree, type SpanTreeOptions } from './span-tree.js';
export type { MetricPoint, SpanRecord } from './records.js';
