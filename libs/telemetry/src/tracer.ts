import { trace, type Tracer } from '@opentelemetry/api';

/** Instrumentation scope of everything measured by this program. */
export const SCOPE_NAME = 'avdiarization';

/** The tracer of the provider registered now; one that does nothing while telemetry is off. */
export function tracer(): Tracer {
  return trace.getTracer(SCOPE_NAME);
}
