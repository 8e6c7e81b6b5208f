import { type Attributes, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryBlobStore } from './memory-blob-store.js';
import { describeBlobStore } from './testing/index.js';
import { tracedBlobStore } from './traced-blob-store.js';

interface RecordedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  statusCode?: SpanStatusCode;
  isEnded: boolean;
}

/** A tracer that keeps what it is told. */
function recordingTracer(spans: RecordedSpan[]): Tracer {
  const startSpan = (name: string): Span => {
    const record: RecordedSpan = { name, attributes: {}, isEnded: false };
    spans.push(record);
    const span = trace.getTracer('none').startSpan(name);
    span.setAttribute = (key, value) => {
      record.attributes[key] = value;
      return span;
    };
    span.setAttributes = (attributes) => {
      Object.assign(record.attributes, attributes);
      return span;
    };
    span.setStatus = (status) => {
      record.statusCode = status.code;
      return span;
    };
    span.end = () => {
      record.isEnded = true;
    };
    return span;
  };
  const startActiveSpan = (name: string, run: (span: Span) => unknown): unknown =>
    run(startSpan(name));
  return { startSpan, startActiveSpan } as Tracer;
}

describeBlobStore('tracedBlobStore', async () => {
  const blobs = new Map<string, Uint8Array>();
  return {
    store: tracedBlobStore(memoryBlobStore({ blobs })),
    damage: async (sha256) => {
      const bytes = blobs.get(sha256)!;
      bytes[0] = bytes[0]! ^ 1;
    },
  };
});

describe('tracedBlobStore', () => {
  let spans: RecordedSpan[];
  beforeEach(() => {
    spans = [];
  });

  it('makes one span for each write and read, with the number of bytes', async () => {
    const store = tracedBlobStore(memoryBlobStore(), recordingTracer(spans));
    const { sha256 } = await store.put(Buffer.from('hello'), 'text/plain');
    await store.get(sha256);
    for await (const piece of store.open(sha256)) void piece;
    const attributes = { 'avd.blob.size_bytes': 5 };
    expect(spans).toEqual([
      { name: 'avd.blob.write', attributes, isEnded: true },
      { name: 'avd.blob.read', attributes, isEnded: true },
      { name: 'avd.blob.read', attributes, isEnded: true },
    ]);
  });

  it('marks a failed read with the reason and passes the error on', async () => {
    const store = tracedBlobStore(memoryBlobStore(), recordingTracer(spans));
    const reason = 'BLOB_NOT_FOUND';
    await expect(store.get('0'.repeat(64))).rejects.toMatchObject({ reason });
    await expect(store.open('0'.repeat(64))[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      reason,
    });
    for (const span of spans) {
      expect(span).toMatchObject({
        attributes: { 'error.type': reason },
        statusCode: SpanStatusCode.ERROR,
        isEnded: true,
      });
    }
    expect(spans).toHaveLength(2);
  });

  it('ends the span of a read that is left early', async () => {
    const store = tracedBlobStore(memoryBlobStore(), recordingTracer(spans));
    const { sha256 } = await store.put(Buffer.from('hello'), 'text/plain');
    for await (const piece of store.open(sha256)) {
      void piece;
      break;
    }
    expect(spans[1]).toMatchObject({ name: 'avd.blob.read', isEnded: true });
  });
});
