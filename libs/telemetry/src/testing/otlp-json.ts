import type { Attributes } from '@opentelemetry/api';
import { SPAN_KINDS, STATUS_CODES, type MetricPoint, type SpanRecord } from './records.js';

/** The parts of OTLP in JSON that are read here (opentelemetry-proto, "JSON Protobuf Encoding"). */
interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  /** 64-bit integers may come as text. */
  readonly intValue?: string | number;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values?: readonly OtlpValue[] };
}
interface OtlpAttribute {
  readonly key: string;
  readonly value: OtlpValue;
}
interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly OtlpAttribute[];
  readonly events?: readonly { readonly name: string }[];
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
interface OtlpPoint {
  readonly attributes?: readonly OtlpAttribute[];
  readonly asInt?: string | number;
  readonly asDouble?: number;
  readonly sum?: number;
  readonly count?: string | number;
}
interface OtlpPoints {
  readonly dataPoints?: readonly OtlpPoint[];
}
interface OtlpMetric {
  readonly name: string;
  readonly unit?: string;
  readonly sum?: OtlpPoints;
  readonly gauge?: OtlpPoints;
  readonly histogram?: OtlpPoints;
}
interface OtlpResource {
  readonly resource?: { readonly attributes?: readonly OtlpAttribute[] };
}
interface TraceRequest {
  readonly resourceSpans?: readonly (OtlpResource & {
    readonly scopeSpans?: readonly { readonly spans?: readonly OtlpSpan[] }[];
  })[];
}
interface MetricsRequest {
  readonly resourceMetrics?: readonly (OtlpResource & {
    readonly scopeMetrics?: readonly { readonly metrics?: readonly OtlpMetric[] }[];
  })[];
}

/** Spans of the body of a request to `/v1/traces`. */
export function parseOtlpTraces(body: string): SpanRecord[] {
  const { resourceSpans = [] } = JSON.parse(body) as TraceRequest;
  return resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map((span) => spanToRecord(span, serviceOf(resource))),
  );
}

/** Series of the body of a request to `/v1/metrics`. */
export function parseOtlpMetrics(body: string): MetricPoint[] {
  const { resourceMetrics = [] } = JSON.parse(body) as MetricsRequest;
  return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics
      .flatMap(({ metrics = [] }) => metrics)
      .flatMap((metric) => pointsOf(metric, serviceOf(resource))),
  );
}

function spanToRecord(span: OtlpSpan, service: string): SpanRecord {
  const { traceId, spanId, parentSpanId, status } = span;
  return {
    traceId,
    spanId,
    ...(parentSpanId && { parentSpanId }),
    name: span.name,
    kind: SPAN_KINDS[(span.kind ?? 1) - 1] ?? 'internal',
    service,
    attributes: attributesOf(span.attributes),
    status: STATUS_CODES[status?.code ?? 0] ?? 'unset',
    ...(status?.message && { statusMessage: status.message }),
    eventNames: (span.events ?? []).map(({ name }) => name),
    links: (span.links ?? []).map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
  };
}

function pointsOf({ name, unit = '', ...data }: OtlpMetric, service: string): MetricPoint[] {
  const points = (data.sum ?? data.gauge ?? data.histogram)?.dataPoints ?? [];
  return points.map(({ attributes, asInt, asDouble, sum, count }) => ({
    name,
    unit,
    service,
    attributes: attributesOf(attributes),
    value: Number(asInt ?? asDouble ?? sum ?? 0),
    ...(count !== undefined && { count: Number(count) }),
  }));
}

function serviceOf(resource: OtlpResource['resource']): string {
  return String(attributesOf(resource?.attributes)['service.name'] ?? '');
}

function attributesOf(attributes: readonly OtlpAttribute[] = []): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, valueOf(value)]));
}

function valueOf(value: OtlpValue): string | number | boolean | string[] {
  if (value.arrayValue !== undefined) {
    return (value.arrayValue.values ?? []).map((item) => String(valueOf(item)));
  }
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? '';
}
