import {
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type SpanContext,
} from '@opentelemetry/api';

/** A context whose active span is the one given; contexts stay as they are. */
export function toContext(parent: Context | SpanContext): Context {
  return 'traceId' in parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : parent;
}

/** Trace id of the active span (32 hexadecimal digits), or undefined where there is none. */
export function currentTraceId(): string | undefined {
  return trace.getSpanContext(context.active())?.traceId;
}

/**
 * Writes the trace context into the headers of a message or call (W3C: `traceparent`, `tracestate`, `baggage`).
 * Writes nothing while telemetry is off or where no span is active.
 *
 * @param set called once for each header, with its lower-case name
 * @param from what the receiver continues. @default the active span
 */
export function injectTraceContext(
  set: (key: string, value: string) => void,
  from?: Context | SpanContext,
): void {
  const source = from === undefined ? context.active() : toContext(from);
  propagation.inject(source, set, { set: (setter, key, value) => setter(key, value) });
}

/**
 * Reads the trace context of a received message or call; use it as `parent` of `withSpan`.
 * Headers that are missing or wrong give a context without a parent, so that a new trace begins.
 *
 * @param get value of a header by its lower-case name, undefined where it is missing
 */
export function extractTraceContext(get: (key: string) => string | undefined): Context {
  return propagation.extract(ROOT_CONTEXT, get, {
    get: (getter, key) => getter(key) || undefined,
    keys: () => [],
  });
}
