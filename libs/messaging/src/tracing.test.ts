import { context, metrics, propagation, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { AvdError } from '@avd/domain';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consumeEvents, publishEvent } from './events.js';
import { workTasks } from './task-worker.js';
import { publishTask } from './tasks.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, until } from './testing/test-bench.js';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const meterProvider = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: metricExporter })],
});

beforeAll(() => {
  metrics.setGlobalMeterProvider(meterProvider);
  trace.setGlobalTracerProvider(provider);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(async () => {
  await meterProvider.shutdown();
  for (const api of [trace, propagation, context, metrics]) api.disable();
});

describe.skipIf(natsServerPath() === undefined)('telemetry (needs nats-server)', () => {
  it('makes one tree of a job, with every attempt below the sending of its task', async () => {
    await using bench = await openBench();
    const { messaging } = bench;
    const tracer = trace.getTracer('test');
    let isHandled = false;
    // Started inside another span, as a program's main might be: no part of the job's tree.
    const worker = bench.use(
      tracer.startActiveSpan('start-up', (span) => {
        const worker = workTasks(messaging, 'syncnet', {
          slots: 2,
          onDead: () => bytesOf('dead'),
          retryDelayMs: () => 10,
          handle: async ({ attempt, job, taskId }) => {
            if (attempt === 1) throw new AvdError('unavailable', 'TEST_BUSY', 'Busy.');
            const event = { job, taskId, stage: 'syncnet', outcome: 'completed' } as const;
            await publishEvent(messaging, { ...event, payload: bytesOf(''), eventId: 'e1' });
          },
        });
        span.end();
        return worker;
      }),
    );
    bench.use(consumeEvents(messaging, async () => void (isHandled = true)));
    await tracer.startActiveSpan('avd.job', async (span) => {
      const task = { stage: 'syncnet', job: 'job1', taskId: 't1' } as const;
      await publishTask(messaging, { ...task, payload: bytesOf('') });
      span.end();
    });
    await until(() => isHandled && exporter.getFinishedSpans().length >= 7);

    const spans = exporter.getFinishedSpans();
    const treeOf = (parent: ReadableSpan | undefined, depth = 0): string[] =>
      spans
        .filter((span) => span.parentSpanContext?.spanId === parent?.spanContext().spanId)
        .flatMap((span) => [
          `${'  '.repeat(depth)}${span.name} ${String(span.attributes['avd.attempt'] ?? '')}`.trimEnd(),
          ...treeOf(span, depth + 1),
        ]);
    const root = spans.find((span) => span.name === 'avd.job');
    expect(treeOf(root)).toEqual([
      'send avd.v1.task.syncnet.{job}',
      '  process avd.v1.task.syncnet.{job} 1',
      '  process avd.v1.task.syncnet.{job} 2',
      '    send avd.v1.event.{job}.syncnet.completed',
      '      process avd.v1.event.{job}.syncnet.completed 1',
    ]);
    const processed = spans.filter((span) => span.name.startsWith('process avd.v1.task'));
    expect(processed[0]!.kind).toBe(SpanKind.CONSUMER);
    expect(processed.map((span) => span.attributes)).toMatchObject([
      {
        'messaging.system': 'nats',
        'messaging.destination.template': 'avd.v1.task.syncnet.{job}',
        'messaging.operation.name': 'process',
        'messaging.message.id': 't1',
        'messaging.consumer.group.name': 'avd-syncnet',
        'messaging.message.conversation_id': 'job1',
        'error.type': 'TEST_BUSY',
        'avd.outcome': 'retried',
      },
      { 'avd.outcome': 'ok' },
    ]);

    await until(() => worker.busySlots === 0);
    await meterProvider.forceFlush();
    const points = metricExporter
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap((scope) => scope.metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => ({
          name: `${descriptor.name} ${String(attributes['avd.outcome'] ?? '')}`.trimEnd(),
          stage: attributes['avd.stage.name'],
          value: typeof value === 'number' ? value : value.count,
        })),
      );
    expect(points).toEqual([
      { name: 'avd.queue.wait', stage: 'syncnet', value: 1 },
      { name: 'avd.task.attempts retried', stage: 'syncnet', value: 1 },
      { name: 'avd.task.attempts ok', stage: 'syncnet', value: 1 },
      { name: 'avd.worker.slots.busy', stage: 'syncnet', value: 0 },
    ]);
  });
});
