import type { Attributes } from '@opentelemetry/api';

/** A finished span, of this process or of another one. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  /** Absent for a root span. */
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Value of `service.name`. */
  readonly service: string;
  readonly attributes: Attributes;
  readonly status: 'unset' | 'ok' | 'error';
  readonly statusMessage?: string;
  readonly eventNames: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly startMs: number;
  readonly endMs: number;
}

/** One series of a metric. */
export interface MetricPoint {
  readonly name: string;
  readonly unit: string;
  readonly service: string;
  readonly attributes: Attributes;
  /** Value of a counter; sum of a histogram. */
  readonly value: number;
  /** Measurements in a histogram. */
  readonly count?: number;
}

/** Index = SpanKind of the API. OTLP counts from 1, because 0 is "unspecified" there. */
export const SPAN_KINDS = ['internal', 'server', 'client', 'producer', 'consumer'] as const;
export const STATUS_CODES = ['unset', 'ok', 'error'] as const;
