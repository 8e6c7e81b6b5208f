import { describe, expect, it } from 'vitest';
import { signalsFromEnv, withOtelEnv } from './telemetry-env.js';

const OFF = { traces: false, metrics: false };
const ON = { traces: true, metrics: true };

describe('signalsFromEnv', () => {
  it.each([
    [{}, OFF],
    [{ OTEL_SERVICE_NAME: 'x', OTEL_TRACES_EXPORTER: '' }, OFF],
    [{ OTEL_TRACES_EXPORTER: 'otlp' }, { traces: true, metrics: false }],
    [{ OTEL_METRICS_EXPORTER: 'prometheus' }, { traces: false, metrics: true }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317' }, ON],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c' }, { traces: true, metrics: false }],
    [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_METRICS_EXPORTER: 'none' },
      { traces: true, metrics: false },
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_SDK_DISABLED: 'TRUE' }, OFF],
  ])('reads %j as %j', (env, signals) => {
    expect(signalsFromEnv(env)).toEqual(signals);
  });
});

describe('withOtelEnv', () => {
  it('shows the OTEL variables given, and only those, then puts the old ones back', () => {
    process.env['OTEL_A'] = 'old';
    try {
      const seen = withOtelEnv({ OTEL_B: 'new', OTHER: 'x' }, () => [
        process.env['OTEL_A'],
        process.env['OTEL_B'],
        process.env['OTHER'],
      ]);
      expect(seen).toEqual([undefined, 'new', undefined]);
      expect([process.env['OTEL_A'], 'OTEL_B' in process.env]).toEqual(['old', false]);
    } finally {
      delete process.env['OTEL_A'];
    }
  });
});
