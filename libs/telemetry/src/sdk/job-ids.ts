import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace';
import { forcedSpan } from '../forced-span.js';

/** Random ids, except for the spans whose ids are decided beforehand (jobs and their steps). */
export function jobIdGenerator(): IdGenerator {
  const random = new RandomIdGenerator();
  return {
    generateTraceId: () => forcedSpan()?.traceId ?? random.generateTraceId(),
    generateSpanId: () => forcedSpan()?.spanId ?? random.generateSpanId(),
  };
}
