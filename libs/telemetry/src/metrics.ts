import {
  metrics as otelMetrics,
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  type MetricOptions,
  type UpDownCounter,
} from '@opentelemetry/api';
import { METRICS } from './gen/metrics.js';
import { SCOPE_NAME } from './tracer.js';

export type MetricName = keyof typeof METRICS;
type NameOf<Type> = {
  [N in MetricName]: (typeof METRICS)[N]['type'] extends Type ? N : never;
}[MetricName];
export type CounterName = NameOf<'counter'>;
export type UpDownCounterName = NameOf<'up_down_counter'>;
export type HistogramName = NameOf<'histogram'>;

interface Definition {
  readonly unit: string;
  readonly description: string;
  readonly buckets?: readonly number[];
}

let provider: MeterProvider | undefined;
let instruments = new Map<MetricName, unknown>();

/**
 * Makes an instrument at its first use and keeps it as long as the meter provider stays the same: an instrument
 * made before the start of telemetry would do nothing for ever, because the API has no proxy for meters.
 */
function instrument<T>(name: MetricName, make: (meter: Meter, options: MetricOptions) => T): T {
  const current = otelMetrics.getMeterProvider();
  if (current !== provider) {
    provider = current;
    instruments = new Map();
  }
  const known = instruments.get(name);
  if (known !== undefined) return known as T;
  const { unit, description, buckets }: Definition = METRICS[name];
  const made = make(current.getMeter(SCOPE_NAME), {
    unit,
    description,
    ...(buckets && { advice: { explicitBucketBoundaries: [...buckets] } }),
  });
  instruments.set(name, made);
  return made;
}

/**
 * The registered instruments (telemetry/metrics.yaml) by name, with their unit, meaning and buckets.
 * Ask at each use (`metrics.counter(METRIC_AVD_DEAD_LETTERS).add(1)`) instead of keeping one.
 */
export const metrics = {
  counter: (name: CounterName): Counter =>
    instrument(name, (meter, options) => meter.createCounter(name, options)),
  upDownCounter: (name: UpDownCounterName): UpDownCounter =>
    instrument(name, (meter, options) => meter.createUpDownCounter(name, options)),
  histogram: (name: HistogramName): Histogram =>
    instrument(name, (meter, options) => meter.createHistogram(name, options)),
} as const;
