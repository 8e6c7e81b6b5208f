import { createRequire } from 'node:module';
import { trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { METRIC_AVD_DEAD_LETTERS } from './gen/metrics.js';
import { emitJobSpan, jobTraceContext } from './job-trace.js';
import type { Logger } from './logger.js';
import { metrics } from './metrics.js';
import { startTelemetry } from './start-telemetry.js';
import { startOtlpReceiver } from './testing/otlp-receiver.js';
import { withSpan } from './with-span.js';

const service = { serviceName: 'avd-x', serviceVersion: '1.2.3' };
const times = { startTime: new Date(0), endTime: new Date(1000) };
const isSdkLoaded = (): boolean =>
  Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('sdk-node'));

describe('startTelemetry', () => {
  it('loads nothing of the SDK while it is off', async () => {
    await using telemetry = await startTelemetry({ ...service, env: { OTEL_SERVICE_NAME: 'y' } });
    expect(telemetry.enabled).toBe(false);
    expect(isSdkLoaded()).toBe(false);
    await withSpan('work', {}, (span) => expect(span.isRecording()).toBe(false));
  });

  it('sends spans and metrics when it is disposed of, with the identity of the service', async () => {
    await using receiver = await startOtlpReceiver();
    const env = {
      ...receiver.env,
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_METRIC_EXPORT_INTERVAL: '60000',
    };
    {
      await using telemetry = await startTelemetry({ ...service, env });
      expect(telemetry.enabled).toBe(true);
      expect(isSdkLoaded()).toBe(true);
      await withSpan('work', { parent: jobTraceContext('j') }, async (span) => {
        span.addEvent('first chunk');
        await withSpan('failing', { attributes: { a: 1, b: 0.5, c: true, d: ['x'] } }, () => {
          throw new Error('x');
        }).catch(() => {});
      });
      metrics.counter(METRIC_AVD_DEAD_LETTERS).add(2, { 'avd.stage.name': 'vad' });
      emitJobSpan({ jobId: 'j', ...times, links: [{ context: jobTraceContext('k') }] });
    }
    expect(receiver.orphans()).toEqual([]);
    expect(receiver.tree({ attributes: ['a', 'b', 'c', 'd'] })).toBe(
      [
        'avd.job [avd-x]',
        '  work [avd-x]',
        '    failing [avd-x] a=1 b=0.5 c=true d=x !INTERNAL',
      ].join('\n'),
    );
    expect(receiver.spans().find(({ name }) => name === 'avd.job')).toMatchObject({
      ...jobTraceContextIds('j'),
      startMs: 0,
      endMs: 1000,
      links: [jobTraceContextIds('k')],
    });
    expect(receiver.metrics()).toEqual([
      {
        name: 'avd.dead_letters',
        unit: '{message}',
        service: 'avd-x',
        attributes: { 'avd.stage.name': 'vad' },
        value: 2,
      },
    ]);
    expect(trace.getTracer('x').startSpan('x').isRecording()).toBe(false);
  });

  it('lets OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win, and sends before the end', async () => {
    await using receiver = await startOtlpReceiver();
    const env = { ...receiver.env, OTEL_SERVICE_NAME: 'mine', OTEL_METRICS_EXPORTER: 'none' };
    await using telemetry = await startTelemetry({ ...service, instanceId: 'pod-1', env });
    expect(telemetry.enabled).toBe(true);
    await withSpan('work', {}, () => {});
    const [span] = await receiver.waitFor((spans) => spans.length > 0);
    expect(span?.service).toBe('mine');
  });

  it.each(['grpc', 'http/protobuf'])(
    'ends in time when no collector answers by %s, and tells the logger',
    async (protocol) => {
      const problems: string[] = [];
      const logger = { warn: (message: string) => void problems.push(message) } as Logger;
      const receiver = await startOtlpReceiver();
      await receiver[Symbol.asyncDispose]();
      const env = {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
      };
      const telemetry = await startTelemetry({ ...service, env, logger });
      await withSpan('work', {}, () => {});
      const startMs = performance.now();
      await telemetry[Symbol.asyncDispose]();
      expect(performance.now() - startMs).toBeLessThan(7000);
      expect(problems).not.toEqual([]);
    },
  );
});

function jobTraceContextIds(jobId: string): { traceId: string; spanId: string } {
  const { traceId, spanId } = jobTraceContext(jobId);
  return { traceId, spanId };
}
