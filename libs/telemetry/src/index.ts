export { errorType } from './error-type.js';
export * from './gen/attributes.js';
export * from './gen/metrics.js';
export * from './gen/spans.js';
export {
  emitJobSpan,
  emitStageSpan,
  jobTraceContext,
  stageTraceContext,
  type EmitJobSpanOptions,
  type EmitStageSpanOptions,
  type JobTraceOptions,
} from './job-trace.js';
export {
  createLogger,
  LOG_LEVELS,
  silentLogger,
  type CreateLoggerOptions,
  type LogDestination,
  type LogFields,
  type Logger,
  type LogLevel,
} from './logger.js';
export {
  metrics,
  type CounterName,
  type HistogramName,
  type MetricName,
  type UpDownCounterName,
} from './metrics.js';
export { REDACTED, redactText } from './redact-fields.js';
export { startTelemetry, type StartTelemetryOptions, type Telemetry } from './start-telemetry.js';
export { currentTraceId, extractTraceContext, injectTraceContext } from './trace-context.js';
export { markFailed, withSpan, type WithSpanOptions } from './with-span.js';
