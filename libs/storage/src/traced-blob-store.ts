import { type Attributes, type Span, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';

/** Bytes read or written. */
const SIZE_ATTRIBUTE = 'avd.blob.size_bytes';

/**
 * The same store with a span `avd.blob.write` around each put and `avd.blob.read` around each get and open
 * (from the first piece to the last), with the number of bytes. Without a tracer provider it costs nothing.
 */
export function tracedBlobStore(
  store: BlobStore,
  tracer: Tracer = trace.getTracer('@avd/storage'),
): BlobStore {
  const traced = async <T>(
    name: string,
    run: () => Promise<T>,
    attributesOf: (result: T) => Attributes,
  ): Promise<T> =>
    tracer.startActiveSpan(name, async (span) => {
      try {
        const result = await run();
        span.setAttributes(attributesOf(result));
        return result;
      } catch (error) {
        recordFailure(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  return {
    put: (source, mediaType, signal) =>
      traced(
        'avd.blob.write',
        () => store.put(source, mediaType, signal),
        (ref) => ({ [SIZE_ATTRIBUTE]: ref.sizeBytes }),
      ),
    get: (sha256, signal) =>
      traced(
        'avd.blob.read',
        () => store.get(sha256, signal),
        (bytes) => ({ [SIZE_ATTRIBUTE]: bytes.length }),
      ),
    async *open(sha256, signal) {
      const span = tracer.startSpan('avd.blob.read');
      let sizeBytes = 0;
      try {
        for await (const piece of store.open(sha256, signal)) {
          sizeBytes += piece.length;
          yield piece;
        }
      } catch (error) {
        recordFailure(span, error);
        throw error;
      } finally {
        span.setAttribute(SIZE_ATTRIBUTE, sizeBytes);
        span.end();
      }
    },
    has: (sha256, signal) => store.has(sha256, signal),
    delete: (sha256) => store.delete(sha256),
    getPointer: (key, signal) => store.getPointer(key, signal),
    putPointer: (key, ref, signal) => store.putPointer(key, ref, signal),
  };
}

function recordFailure(span: Span, error: unknown): void {
  const { reason, message } = AvdError.from(error);
  span.setAttribute('error.type', reason);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
