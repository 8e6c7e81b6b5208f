import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Context, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { traceRun } from './trace-run.js';

const facts = { model: 's3fd', sha256: 'ab', provider: 'cpu', batchSize: 2 };

interface Started {
  readonly name: string;
  readonly options: SpanOptions;
  readonly parent: Context;
  isEnded: boolean;
  status: unknown;
}

describe('traceRun', () => {
  let started: Started[] = [];
  beforeEach(() => {
    started = [];
    const tracer: Pick<Tracer, 'startSpan'> = {
      startSpan(name, options = {}, parent = ROOT_CONTEXT) {
        const entry: Started = { name, options, parent, isEnded: false, status: undefined };
        started.push(entry);
        return {
          setStatus: (status: unknown) => (entry.status = status),
          end: () => (entry.isEnded = true),
        } as unknown as Span;
      },
    };
    trace.setGlobalTracerProvider({ getTracer: () => tracer as Tracer });
  });
  afterEach(() => trace.disable());

  const caller = (id: string, isRecording: boolean, counts: unknown[] = []): Context =>
    trace.setSpan(ROOT_CONTEXT, {
      isRecording: () => isRecording,
      setAttribute: (name: string, value: unknown) => counts.push([name, value]),
      spanContext: () => ({ traceId: id, spanId: id, traceFlags: 1 }),
    } as unknown as Span);

  it('makes no span where no caller has one that is recorded', () => {
    traceRun([ROOT_CONTEXT, caller('a', false)], facts)(false);
    expect(started).toEqual([]);
  });

  it('makes one span a run, beneath the first caller, linked to the others', () => {
    const first = caller('a', true);
    const end = traceRun([first, ROOT_CONTEXT, caller('b', true)], facts);
    expect(started).toHaveLength(1);
    const [span] = started;
    expect(span).toMatchObject({ name: 'avd.inference', parent: first, isEnded: false });
    expect(span!.options.attributes).toEqual({
      'avd.model.name': 's3fd',
      'avd.model.sha256': 'ab',
      'avd.execution_provider': 'cpu',
      'avd.batch.size': 2,
    });
    expect(span!.options.links?.map((link) => link.context.spanId)).toEqual(['b']);
    end(true);
    expect(span).toMatchObject({ isEnded: true, status: { code: 2 } });
  });

  it('counts the runs of a caller, and gives the first ones alone a span', () => {
    const counts: unknown[] = [];
    const busy = caller('a', true, counts);
    for (let run = 0; run < 50; run++) traceRun([busy], facts)(false);
    expect(started).toHaveLength(20);
    expect(counts.at(-1)).toEqual(['avd.inference.count', 50]);
  });
});
