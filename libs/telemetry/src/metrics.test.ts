import { describe, expect, it } from 'vitest';
import { METRIC_AVD_INFERENCE_DURATION, METRIC_AVD_JOB_ACTIVE } from './gen/metrics.js';
import { metrics } from './metrics.js';
import { collectTelemetry } from './testing/index.js';

describe('metrics', () => {
  it('makes each instrument once, with the unit of the registry, even when it was used before the start', async () => {
    metrics.upDownCounter(METRIC_AVD_JOB_ACTIVE).add(100);
    await using telemetry = collectTelemetry('avd-x');
    metrics.upDownCounter(METRIC_AVD_JOB_ACTIVE).add(3);
    metrics.upDownCounter(METRIC_AVD_JOB_ACTIVE).add(-1);
    const attributes = { 'avd.model.name': 'tiny' };
    metrics.histogram(METRIC_AVD_INFERENCE_DURATION).record(0.25, attributes);
    metrics.histogram(METRIC_AVD_INFERENCE_DURATION).record(0.5, attributes);
    expect(metrics.histogram(METRIC_AVD_INFERENCE_DURATION)).toBe(
      metrics.histogram(METRIC_AVD_INFERENCE_DURATION),
    );
    expect(await telemetry.metrics()).toEqual([
      { name: 'avd.job.active', unit: '{job}', service: 'avd-x', attributes: {}, value: 2 },
      {
        name: 'avd.inference.duration',
        unit: 's',
        service: 'avd-x',
        attributes,
        value: 0.75,
        count: 2,
      },
    ]);
  });

  it('starts again from zero with the next provider', async () => {
    for (let i = 0; i < 2; i++) {
      await using telemetry = collectTelemetry();
      metrics.upDownCounter(METRIC_AVD_JOB_ACTIVE).add(1);
      expect((await telemetry.metrics())[0]?.value).toBe(1);
    }
  });
});
