import {
  context,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
} from '@opentelemetry/api';
import { errorType, stackFrames } from './error-type.js';
import {
  ATTR_ERROR_TYPE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from './gen/attributes.js';
import { toContext } from './trace-context.js';
import { tracer } from './tracer.js';

export interface WithSpanOptions {
  readonly attributes?: Attributes;
  /** @default INTERNAL */
  readonly kind?: SpanKind;
  readonly links?: readonly Link[];
  /** Parent from another process or of a job (`extractTraceContext`, `jobTraceContext`). @default the active span */
  readonly parent?: Context | SpanContext;
}

/**
 * Runs `fn` inside a span, which is active in everything that `fn` awaits, and ends the span in every case.
 * When `fn` fails, the span gets `error.type` (the reason of the AvdError), the status ERROR and an event
 * `exception` with the stack; never the message, which can name a recording. The error itself goes on unchanged.
 *
 * @param name registered name (`SPAN_AVD_…`) or that of an RPC or messaging span
 */
export async function withSpan<T>(
  name: string,
  { attributes = {}, kind, links, parent }: WithSpanOptions,
  fn: (span: Span) => T | Promise<T>,
): Promise<T> {
  const parentContext = parent === undefined ? context.active() : toContext(parent);
  const span = tracer().startSpan(
    name,
    { attributes, ...(kind !== undefined && { kind }), ...(links && { links: [...links] }) },
    parentContext,
  );
  try {
    return await context.with(trace.setSpan(parentContext, span), async () => fn(span));
  } catch (error) {
    markFailed(span, errorType(error));
    const stack = stackFrames(error);
    span.addEvent('exception', {
      [ATTR_EXCEPTION_TYPE]: error instanceof Error ? error.name : typeof error,
      ...(stack !== undefined && { [ATTR_EXCEPTION_STACKTRACE]: stack }),
    });
    throw error;
  } finally {
    span.end();
  }
}

/** Says on a span that its work failed, and with which reason. */
export function markFailed(span: Span, reason: string): void {
  span.setAttribute(ATTR_ERROR_TYPE, reason);
  span.setStatus({ code: SpanStatusCode.ERROR, message: reason });
}
