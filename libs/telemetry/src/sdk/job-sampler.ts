import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import { forcedSpan } from '../forced-span.js';
import type { Env } from '../telemetry-env.js';

/** The sampler named by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, as the OpenTelemetry specification says. */
export function samplerFromEnv(env: Env): Sampler {
  const [, parentBased, kind] = /^(parentbased_)?(always_on|always_off|traceidratio)$/.exec(
    env['OTEL_TRACES_SAMPLER']?.trim() || 'parentbased_always_on',
  ) ?? ['', 'parentbased_', 'always_on'];
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG']?.trim() || 1);
  let root: Sampler = new AlwaysOnSampler();
  if (kind === 'always_off') root = new AlwaysOffSampler();
  if (kind === 'traceidratio') {
    root = new TraceIdRatioBasedSampler(ratio >= 0 && ratio <= 1 ? ratio : 1);
  }
  return parentBased === undefined ? root : new ParentBasedSampler({ root });
}

/** Spans decided beforehand are recorded (`emitJobSpan` leaves out the unsampled ones); `sampler` decides for the rest. */
export function jobSampler(sampler: Sampler): Sampler {
  return {
    shouldSample: (...args) =>
      forcedSpan() === undefined
        ? sampler.shouldSample(...args)
        : { decision: SamplingDecision.RECORD_AND_SAMPLED },
    toString: () => sampler.toString(),
  };
}

/** Whether the sampler records a new trace with this id. */
export function samplesTrace(sampler: Sampler, traceId: string): boolean {
  const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []);
  return decision === SamplingDecision.RECORD_AND_SAMPLED;
}
