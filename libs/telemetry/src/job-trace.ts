import { createHash } from 'node:crypto';
import { TraceFlags, type Attributes, type Link, type SpanContext } from '@opentelemetry/api';
import { isTraceSampled, withForcedSpan } from './forced-span.js';
import { ATTR_AVD_JOB_ID, ATTR_AVD_STEP_NAME } from './gen/attributes.js';
import { SPAN_AVD_JOB, SPAN_AVD_STAGE } from './gen/spans.js';
import { toContext } from './trace-context.js';
import { tracer } from './tracer.js';
import { markFailed } from './with-span.js';

export interface JobTraceOptions {
  /** Whether the job is traced. @default what the sampler (OTEL_TRACES_SAMPLER) says for this trace id */
  readonly sampled?: boolean;
}

export interface EmitJobSpanOptions extends JobTraceOptions {
  readonly jobId: string;
  readonly startTime: Date;
  readonly endTime: Date;
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
  /** Stable reason of the failure; leave it out for a job that succeeded. */
  readonly errorType?: string;
}

export interface EmitStageSpanOptions extends EmitJobSpanOptions {
  /** Name of the step, unique in the job. */
  readonly step: string;
}

/** First bytes of SHA-256, in hexadecimal. Not all zero: the first digit is made 1 in that case. */
function idFrom(label: string, parts: readonly string[], numBytes: number): string {
  const hash = createHash('sha256').update(JSON.stringify([label, ...parts]));
  const id = hash.digest('hex').slice(0, 2 * numBytes);
  return /^0+$/.test(id) ? `1${id.slice(1)}` : id;
}

function contextOf(jobId: string, spanId: string, { sampled }: JobTraceOptions): SpanContext {
  const traceId = idFrom('avd.trace', [jobId], 16);
  const isSampled = sampled ?? isTraceSampled(traceId);
  const traceFlags = isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
  return { traceId, spanId, traceFlags, isRemote: true };
}

/**
 * The root span `avd.job` of a job, before and after it exists: its ids come from the job id alone, so that every
 * orchestrator and every worker can be a child of it. `emitJobSpan` records it when the job ends.
 */
export function jobTraceContext(jobId: string, options: JobTraceOptions = {}): SpanContext {
  return contextOf(jobId, idFrom('avd.job', [jobId], 8), options);
}

/** The span `avd.stage` of one step of a job, a child of the job's root; `emitStageSpan` records it. */
export function stageTraceContext(
  jobId: string,
  step: string,
  options: JobTraceOptions = {},
): SpanContext {
  return contextOf(jobId, idFrom('avd.stage', [jobId, step], 8), options);
}

/** Records a span of the past with ids known beforehand. */
function emit(
  name: string,
  self: SpanContext,
  parent: SpanContext | undefined,
  { startTime, endTime, attributes, links = [], errorType }: EmitJobSpanOptions,
): void {
  if ((self.traceFlags & TraceFlags.SAMPLED) === 0) return;
  const options = { startTime, attributes: attributes ?? {}, links: [...links] };
  const span = withForcedSpan(self, () =>
    parent === undefined
      ? tracer().startSpan(name, { ...options, root: true })
      : tracer().startSpan(name, options, toContext(parent)),
  );
  if (errorType !== undefined) markFailed(span, errorType);
  span.end(endTime);
}

/**
 * Records the root span of a job that ended, with the ids of `jobTraceContext`. Call it once a job, in the
 * orchestrator that wrote the final state; a second call would show the span twice.
 */
export function emitJobSpan(options: EmitJobSpanOptions): void {
  const { jobId, attributes } = options;
  emit(SPAN_AVD_JOB, jobTraceContext(jobId, options), undefined, {
    ...options,
    attributes: { [ATTR_AVD_JOB_ID]: jobId, ...attributes },
  });
}

/** Records the span of a step that ended, with the ids of `stageTraceContext`, as a child of the job's root. */
export function emitStageSpan(options: EmitStageSpanOptions): void {
  const { jobId, step, attributes } = options;
  emit(SPAN_AVD_STAGE, stageTraceContext(jobId, step, options), jobTraceContext(jobId, options), {
    ...options,
    attributes: { [ATTR_AVD_JOB_ID]: jobId, [ATTR_AVD_STEP_NAME]: step, ...attributes },
  });
}
