import { describe, expect, it } from 'vitest';
import { startOtlpReceiver } from './otlp-receiver.js';
import { orphanSpans, spanTree } from './span-tree.js';
import type { SpanRecord } from './records.js';

const body = (spanId: string, parentSpanId = ''): string =>
  JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'a' } }] },
        scopeSpans: [
          {
            spans: [
              {
                traceId: 't',
                spanId,
                parentSpanId,
                name: `span ${spanId}`,
                kind: 4,
                startTimeUnixNano: '1700000000123000000',
                endTimeUnixNano: '1700000000124000000',
                attributes: [{ key: 'n', value: { intValue: '7' } }],
              },
            ],
          },
        ],
      },
    ],
  });

describe('startOtlpReceiver', () => {
  it('joins spans of several senders to one tree and names holes in it', async () => {
    await using receiver = await startOtlpReceiver();
    const send = (text: string, type = 'application/json', path = '/v1/traces') =>
      fetch(receiver.endpoint + path, {
        method: 'POST',
        headers: { 'content-type': type },
        body: text,
      }).then(({ status }) => status);
    const both = receiver.waitFor((spans) => spans.length === 2);
    expect(await send(body('2', '1'))).toBe(200);
    expect(receiver.orphans().map(({ name }) => name)).toEqual(['span 2']);
    expect(receiver.tree()).toBe('? span 2 [a]');
    expect(await send(body('1'))).toBe(200);
    expect((await both)[0]).toMatchObject({
      kind: 'producer',
      startMs: 1700000000123,
      attributes: { n: 7 },
    });
    expect(receiver.tree()).toBe('span 1 [a]\n  span 2 [a]');
    expect(receiver.orphans()).toEqual([]);
    expect(await send('x')).toBe(400);
    expect(await send('x', 'application/x-protobuf')).toBe(415);
    expect(await send('{}', 'application/json', '/v1/logs')).toBe(404);
  });

  it('says what it has received when the wait is over', async () => {
    await using receiver = await startOtlpReceiver();
    await expect(receiver.waitFor(() => false, 20)).rejects.toThrow('(no spans)');
  });
});

describe('orphanSpans', () => {
  it('does not take a span of another trace for the parent', () => {
    const span = (traceId: string, spanId: string, parentSpanId?: string) =>
      ({ traceId, spanId, ...(parentSpanId && { parentSpanId }) }) as SpanRecord;
    expect(orphanSpans([span('t1', 'a'), span('t2', 'b', 'a')])).toHaveLength(1);
    expect(orphanSpans([span('t1', 'a'), span('t1', 'b', 'a')])).toHaveLength(0);
  });
});

describe('spanTree', () => {
  const span = (name: string, startMs: number): SpanRecord => ({
    traceId: 't',
    spanId: name,
    name,
    kind: 'internal',
    service: 's',
    attributes: {},
    status: 'unset',
    eventNames: [],
    links: [],
    startMs,
    endMs: 9,
  });

  it('puts siblings in the order of their starts, equal ones as given, or in that of their text', () => {
    const spans = [span('c', 1), span('b', 1), span('a', 2), span('d', 0)];
    expect(spanTree(spans)).toBe('d [s]\nc [s]\nb [s]\na [s]');
    expect(spanTree(spans, { order: 'text' })).toBe('a [s]\nb [s]\nc [s]\nd [s]');
  });
});
