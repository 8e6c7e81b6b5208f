import { AvdError } from '@avd/domain';
import { SpanKind, trace } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ATTR_AVD_BATCH_SIZE } from './gen/attributes.js';
import { SPAN_AVD_BLOB_READ, SPAN_AVD_INFERENCE } from './gen/spans.js';
import { collectTelemetry, type CollectedTelemetry } from './testing/index.js';
import { currentTraceId, extractTraceContext, injectTraceContext } from './trace-context.js';
import { withSpan } from './with-span.js';

let telemetry: CollectedTelemetry;
beforeEach(() => {
  telemetry = collectTelemetry();
});
afterEach(() => telemetry[Symbol.asyncDispose]());

describe('withSpan', () => {
  it('gives back the result and nests spans across awaits', async () => {
    const result = await withSpan('outer', {}, async () => {
      await Promise.resolve();
      await withSpan(SPAN_AVD_INFERENCE, { attributes: { [ATTR_AVD_BATCH_SIZE]: 8 } }, () => 1);
      return withSpan(SPAN_AVD_BLOB_READ, { kind: SpanKind.CLIENT }, async () => 'value');
    });
    expect(result).toBe('value');
    expect(telemetry.tree({ attributes: [ATTR_AVD_BATCH_SIZE] })).toBe(
      ['outer [test]', '  avd.inference [test] avd.batch.size=8', '  avd.blob.read [test]'].join(
        '\n',
      ),
    );
    expect(telemetry.spans().find(({ name }) => name === SPAN_AVD_BLOB_READ)?.kind).toBe('client');
    expect(telemetry.orphans()).toEqual([]);
  });

  it('records the reason of a failure, never its message, and passes the error on', async () => {
    const error = new AvdError('media', 'MEDIA_DAMAGED', 'interview-with-anna.mp4 is damaged.');
    await expect(withSpan('work', {}, () => Promise.reject(error))).rejects.toBe(error);
    const [span] = telemetry.spans();
    expect(span).toMatchObject({
      status: 'error',
      statusMessage: 'MEDIA_DAMAGED',
      attributes: { 'error.type': 'MEDIA_DAMAGED' },
      eventNames: ['exception'],
    });
    expect(JSON.stringify(span)).not.toContain('anna');
  });

  it('ends the span when the function throws before it awaits', async () => {
    await expect(
      withSpan('work', {}, () => {
        throw new TypeError('x');
      }),
    ).rejects.toThrow(TypeError);
    expect(telemetry.tree()).toBe('work [test] !INTERNAL');
  });
});

describe('trace context in headers', () => {
  it('makes the receiver a child of the sender', async () => {
    const headers = new Map<string, string>();
    const sentId = await withSpan('send', {}, () => {
      injectTraceContext((key, value) => headers.set(key, value));
      return currentTraceId();
    });
    expect(headers.get('traceparent')).toBe(`00-${sentId}-${telemetry.spans()[0]?.spanId}-01`);
    const parent = extractTraceContext((key) => headers.get(key));
    await withSpan('process', { parent }, () => {
      expect(currentTraceId()).toBe(sentId);
    });
    expect(telemetry.tree()).toBe('send [test]\n  process [test]');
  });

  it('begins a new trace where the header is missing or wrong, whatever is active', async () => {
    await withSpan('active', {}, async () => {
      for (const header of [undefined, '', '00-xyz-1-01']) {
        const parent = extractTraceContext(() => header);
        expect(trace.getSpanContext(parent)).toBeUndefined();
        await withSpan('process', { parent }, () => {});
      }
    });
    const roots = telemetry.spans().filter(({ parentSpanId }) => parentSpanId === undefined);
    expect(roots).toHaveLength(4);
  });

  it('has no trace id outside of spans', () => {
    expect(currentTraceId()).toBeUndefined();
  });
});
