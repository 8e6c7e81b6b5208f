import { trace, TraceFlags, context, ROOT_CONTEXT } from '@opentelemetry/api';
import {
  ATTR_AVD_CHUNK_COUNT,
  ATTR_AVD_MEDIA_DURATION_S,
  ATTR_AVD_OUTCOME,
  ATTR_AVD_STAGE_NAME,
  emitJobSpan,
  emitStageSpan,
  METRIC_AVD_JOB_DURATION,
  metrics,
  stageTraceContext,
} from '@avd/telemetry';
import { durationToSec } from '@avd/contracts';
import { graphOf, stageOf } from './job-graph.js';
import type { JobRecord, JobStep } from './job-record.js';

/** Does something on behalf of a step: what it sends belongs to the step's span. */
export function inStepTrace<T>(job: string, step: string, fn: () => Promise<T>): Promise<T> {
  return context.with(trace.setSpanContext(ROOT_CONTEXT, stageTraceContext(job, step)), fn);
}

/** Records the span of a step that has ended. */
export function recordStep(record: JobRecord, step: JobStep): void {
  const known = record.steps[step];
  if (known?.endTime === undefined) return;
  emitStageSpan({
    jobId: record.id,
    step,
    startTime: new Date(known.startTime),
    endTime: new Date(known.endTime),
    attributes: {
      [ATTR_AVD_STAGE_NAME]: stageOf(step),
      [ATTR_AVD_CHUNK_COUNT]:
        graphOf(record).steps.find((other) => other.step === step)?.count ?? 1,
    },
  });
}

/** Records the root span of a job that has ended, and those of the steps it broke off. */
export function recordJob(record: JobRecord): void {
  const endTime = new Date(record.endTime!);
  for (const step of Object.keys(record.steps) as JobStep[]) {
    const { startTime, endTime: stepEnd } = record.steps[step]!;
    if (stepEnd !== undefined) continue;
    emitStageSpan({
      jobId: record.id,
      step,
      startTime: new Date(startTime),
      endTime,
      errorType: record.error?.reason ?? 'CANCELLED',
    });
  }
  const outcome = { succeeded: 'ok', failed: 'failed' }[record.state as string] ?? 'cancelled';
  const { createSpan, media, error } = record;
  const startTime = new Date(record.createTime);
  emitJobSpan({
    jobId: record.id,
    ...{ startTime, endTime },
    attributes: {
      [ATTR_AVD_OUTCOME]: outcome,
      ...(media?.duration && { [ATTR_AVD_MEDIA_DURATION_S]: durationToSec(media.duration) }),
    },
    ...(createSpan && { links: [{ context: { ...createSpan, traceFlags: TraceFlags.SAMPLED } }] }),
    ...(error && { errorType: error.reason }),
  });
  metrics
    .histogram(METRIC_AVD_JOB_DURATION)
    .record((endTime.getTime() - startTime.getTime()) / 1000, { [ATTR_AVD_OUTCOME]: outcome });
}
