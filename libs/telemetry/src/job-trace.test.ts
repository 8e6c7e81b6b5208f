import { isSpanContextValid, TraceFlags } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitJobSpan, emitStageSpan, jobTraceContext, stageTraceContext } from './job-trace.js';
import { collectTelemetry } from './testing/index.js';
import { extractTraceContext, injectTraceContext } from './trace-context.js';
import { withSpan } from './with-span.js';

const startTime = new Date('2026-01-02T10:00:00Z');
const endTime = new Date('2026-01-02T10:05:00Z');
const times = { startTime, endTime };

describe('jobTraceContext', () => {
  it('never changes for a job id, because running jobs depend on it', () => {
    expect(jobTraceContext('job-1')).toEqual({
      traceId: '6e03aab5a10e441fcdab6cedae83d9f9',
      spanId: '793fabeca59edc31',
      traceFlags: TraceFlags.SAMPLED,
      isRemote: true,
    });
  });

  it('gives valid ids, of their own for every job and step, in one trace per job', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (job, step, otherStep) => {
        const root = jobTraceContext(job);
        const stage = stageTraceContext(job, step);
        expect(isSpanContextValid(root) && isSpanContextValid(stage)).toBe(true);
        expect(stage.traceId).toBe(root.traceId);
        expect(stage.spanId).not.toBe(root.spanId);
        expect(stageTraceContext(job, otherStep).spanId === stage.spanId).toBe(otherStep === step);
      }),
    );
  });
});

describe('emitJobSpan', () => {
  it('connects the work of several processes to a root that is recorded last', async () => {
    await using telemetry = collectTelemetry();
    const headers = new Map<string, string>();
    const stage = stageTraceContext('job-1', 'vad');
    await withSpan('send task', { parent: stage }, () =>
      injectTraceContext((key, value) => headers.set(key, value)),
    );
    const parent = extractTraceContext((key) => headers.get(key));
    await withSpan('process task', { parent }, () => withSpan('avd.inference', {}, () => {}));
    expect(telemetry.orphans().map(({ name }) => name)).toEqual(['send task']);

    emitStageSpan({ jobId: 'job-1', step: 'vad', ...times, errorType: 'MODEL_FAILED' });
    emitJobSpan({
      jobId: 'job-1',
      ...times,
      attributes: { 'avd.outcome': 'failed' },
      links: [{ context: jobTraceContext('other') }],
    });
    expect(telemetry.orphans()).toEqual([]);
    expect(telemetry.tree({ attributes: ['avd.job.id', 'avd.step.name', 'avd.outcome'] })).toBe(
      [
        'avd.job [test] avd.job.id=job-1 avd.outcome=failed',
        '  avd.stage [test] avd.job.id=job-1 avd.step.name=vad !MODEL_FAILED',
        '    send task [test]',
        '      process task [test]',
        '        avd.inference [test]',
      ].join('\n'),
    );
    const root = telemetry.spans().at(-1);
    const { traceId, spanId } = jobTraceContext('job-1');
    expect(root).toMatchObject({
      traceId,
      spanId,
      startMs: startTime.getTime(),
      endMs: endTime.getTime(),
      links: [{ traceId: jobTraceContext('other').traceId }],
    });
    expect(root?.parentSpanId).toBeUndefined();
  });

  it('stays the root inside of another span, whose later children keep random ids', async () => {
    await using telemetry = collectTelemetry();
    await withSpan('rpc', {}, async () => {
      emitJobSpan({ jobId: 'job-1', ...times });
      await withSpan('after', {}, () => {});
    });
    expect(telemetry.tree()).toBe('avd.job [test]\nrpc [test]\n  after [test]');
    expect(new Set(telemetry.spans().map(({ spanId }) => spanId)).size).toBe(3);
  });

  it('samples a whole job or nothing of it, by the ratio of the sampler', async () => {
    const env = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' };
    await using telemetry = collectTelemetry('test', env);
    const numJobs = 60;
    for (let i = 0; i < numJobs; i++) {
      const jobId = `job-${i}`;
      await withSpan('process', { parent: stageTraceContext(jobId, 'vad') }, () => {});
      emitStageSpan({ jobId, step: 'vad', ...times });
      emitJobSpan({ jobId, ...times });
    }
    expect(telemetry.orphans()).toEqual([]);
    const numRoots = telemetry.spans().filter(({ name }) => name === 'avd.job').length;
    expect(numRoots).toBeGreaterThan(15);
    expect(numRoots).toBeLessThan(45);
    expect(telemetry.spans()).toHaveLength(3 * numRoots);
  });

  it('follows an explicit decision against the sampler', async () => {
    await using telemetry = collectTelemetry('test', {
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    });
    for (const sampled of [true, false]) {
      const jobId = `job-${sampled}`;
      const parent = jobTraceContext(jobId, { sampled });
      await withSpan('process', { parent }, () => {});
      emitJobSpan({ jobId, ...times, sampled });
    }
    expect(telemetry.tree({ attributes: ['avd.job.id'] })).toBe(
      'avd.job [test] avd.job.id=job-true\n  process [test]',
    );
  });

  it('does nothing while telemetry is off', () => {
    expect(() => emitJobSpan({ jobId: 'job-1', ...times })).not.toThrow();
  });
});
