import {
  metrics,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Histogram,
  type Span,
  type SpanKind,
  type TextMapGetter,
  type TextMapSetter,
} from '@opentelemetry/api';
import type { Metadata } from '@grpc/grpc-js';
import { codeName } from '../errors/codes.js';
import {
  ATTR_ERROR_TYPE,
  ATTR_RPC_METHOD,
  ATTR_RPC_RESPONSE_STATUS_CODE,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  RPC_SYSTEM_GRPC,
} from './semconv.js';

const SCOPE = '@avd/rpc';
/** Buckets that the conventions recommend for call durations, and longer ones: stages run for minutes. */
const DURATION_BUCKETS_SEC = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 300,
];

/** Health checks and reflection are tools' traffic: a span for every probe would bury the rest. */
export function isTraced(path: string): boolean {
  return !path.startsWith('/grpc.');
}

/** The histogram of the meter that is registered now; free where there is none. */
export function createDurationHistogram(name: string): Histogram {
  return metrics.getMeter(SCOPE).createHistogram(name, {
    unit: 's',
    description: 'Duration of calls.',
    advice: { explicitBucketBoundaries: DURATION_BUCKETS_SEC },
  });
}

export interface CallSpan {
  readonly span: Span;
  /** Ends the span and records the duration; only the first call counts. */
  end(code: number): void;
}

/** Span `package.Service/Method` of one call below `parent`. */
export function startCallSpan(
  path: string,
  kind: SpanKind,
  parent: Context,
  server: { readonly address: string; readonly port?: number },
  options: { readonly histogram: Histogram; readonly isFailure: (code: number) => boolean },
): CallSpan {
  const method = path.slice(1);
  const attributes: Attributes = {
    [ATTR_RPC_SYSTEM_NAME]: RPC_SYSTEM_GRPC,
    [ATTR_RPC_METHOD]: method,
    [ATTR_SERVER_ADDRESS]: server.address,
    ...(server.port === undefined ? {} : { [ATTR_SERVER_PORT]: server.port }),
  };
  const span = trace.getTracer(SCOPE).startSpan(method, { kind, attributes }, parent);
  const startMs = performance.now();
  let hasEnded = false;
  return {
    span,
    end: (code) => {
      if (hasEnded) return;
      hasEnded = true;
      const outcome: Attributes = { [ATTR_RPC_RESPONSE_STATUS_CODE]: codeName(code) };
      if (options.isFailure(code)) {
        outcome[ATTR_ERROR_TYPE] = codeName(code);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.setAttributes(outcome);
      span.end();
      const durationSec = (performance.now() - startMs) / 1000;
      options.histogram.record(durationSec, { ...attributes, ...outcome }, parent);
    },
  };
}

export const metadataGetter: TextMapGetter<Metadata> = {
  keys: (metadata) => Object.keys(metadata.getMap()),
  get: (metadata, key) => {
    const values = metadata.get(key).filter((value) => typeof value === 'string');
    return values.length > 1 ? values : values[0];
  },
};

export const metadataSetter: TextMapSetter<Metadata> = {
  set: (metadata, key, value) => metadata.set(key, value),
};
