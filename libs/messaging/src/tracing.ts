import {
  context,
  metrics,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Attributes, Span, TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import type { MsgHdrs } from '@nats-io/nats-core';
import { AvdError } from '@avd/domain';

const SCOPE = '@avd/messaging';

/** What a span says of a message: OpenTelemetry's messaging conventions, and our own ids. */
export interface MessageFacts {
  /** Subject with the job replaced by `{job}`: few different names. */
  readonly template: string;
  readonly messageId: string;
  readonly job: string;
  readonly stage: string;
  readonly consumerGroup?: string;
  readonly attempt?: number;
}

const setter: TextMapSetter<MsgHdrs> = {
  set: (headers, key, value) => headers.set(key.toLowerCase(), value),
};
const getter: TextMapGetter<MsgHdrs | undefined> = {
  get: (headers, key) => {
    const value = headers?.get(key.toLowerCase());
    return value === '' ? undefined : value;
  },
  keys: (headers) => headers?.keys() ?? [],
};

/** Runs a publish in a PRODUCER span whose context travels in the headers. */
export function withSendSpan<T>(
  facts: MessageFacts,
  headers: MsgHdrs,
  publish: () => Promise<T>,
): Promise<T> {
  const span = trace.getTracer(SCOPE).startSpan(`send ${facts.template}`, {
    kind: SpanKind.PRODUCER,
    attributes: spanAttributes('send', facts),
  });
  const active = trace.setSpan(context.active(), span);
  propagation.inject(active, headers, setter);
  return endWith(span, () => context.with(active, publish));
}

/**
 * Runs a handler in a CONSUMER span whose parent is the message's sender (not only a link), so that a
 * job is one tree; a redelivery starts from the same parent.
 */
export function withProcessSpan<T>(
  facts: MessageFacts,
  headers: MsgHdrs | undefined,
  handle: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = propagation.extract(ROOT_CONTEXT, headers, getter);
  const span = trace
    .getTracer(SCOPE)
    .startSpan(
      `process ${facts.template}`,
      { kind: SpanKind.CONSUMER, attributes: spanAttributes('process', facts) },
      parent,
    );
  return endWith(span, () => context.with(trace.setSpan(parent, span), () => handle(span)));
}

export function markFailed(span: Span, error: unknown): void {
  span.setAttribute('error.type', AvdError.from(error).reason);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

async function endWith<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function spanAttributes(operation: 'send' | 'process', facts: MessageFacts): Attributes {
  return {
    'messaging.system': 'nats',
    'messaging.destination.template': facts.template,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.message.id': facts.messageId,
    'messaging.message.conversation_id': facts.job,
    'avd.job.id': facts.job,
    'avd.stage.name': facts.stage,
    ...(facts.consumerGroup === undefined
      ? {}
      : { 'messaging.consumer.group.name': facts.consumerGroup }),
    ...(facts.attempt === undefined ? {} : { 'avd.attempt': facts.attempt }),
  };
}

/** How a run of a task ended: values of `avd.outcome` in the telemetry registry. */
export type AttemptOutcome = 'ok' | 'retried' | 'failed' | 'cancelled' | 'handed_back';

export interface WorkerMetrics {
  queueWait(sec: number): void;
  attemptEnded(outcome: AttemptOutcome): void;
  busySlots(count: number): void;
}

/** Instruments of one worker; made when it starts, because instruments made before the SDK do nothing. */
export function workerMetrics(stage: string): WorkerMetrics {
  const meter = metrics.getMeter(SCOPE);
  const attributes = { 'avd.stage.name': stage };
  const wait = meter.createHistogram('avd.queue.wait', {
    unit: 's',
    description: 'Time from the storing of a task to the start of its first run',
    advice: { explicitBucketBoundaries: [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200] },
  });
  const attempts = meter.createCounter('avd.task.attempts', {
    unit: '{attempt}',
    description: 'Runs of tasks by their outcome',
  });
  const busy = meter.createGauge('avd.worker.slots.busy', {
    unit: '{slot}',
    description: 'Slots that run a task now',
  });
  return {
    queueWait: (sec) => wait.record(sec, attributes),
    attemptEnded: (outcome) => attempts.add(1, { ...attributes, 'avd.outcome': outcome }),
    busySlots: (count) => busy.record(count, attributes),
  };
}
