import { AsyncLocalStorage } from 'node:async_hooks';
import {
  context,
  metrics,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Attributes,
  type Context,
  type ContextManager,
  type MeterProvider,
  type Span,
  type SpanOptions,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { AvdError } from '@avd/domain';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRpcClient } from '../client/client.js';
import { healthDefinition } from '../server/health.js';
import { serverStream, unary } from '../server/handlers.js';
import { startEcho, until } from '../testing/echo-server.js';
import type { Echo } from '../testing/echo-service.js';

interface SeenSpan {
  readonly name: string;
  readonly kind: number | undefined;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly traceId: string;
  readonly attributes: Attributes;
  isError: boolean;
  hasEnded: boolean;
}

const spans: SeenSpan[] = [];
const durations: { name: string; valueSec: number; attributes: Attributes }[] = [];
let lastId = 0;
const hexId = (digits: number): string => (++lastId).toString(16).padStart(digits, '0');

/** The smallest SDK that shows what the interceptors do: spans and measurements in arrays, W3C traceparent, AsyncLocalStorage. */
function startSpan(name: string, options: SpanOptions = {}, parent: Context = ROOT_CONTEXT): Span {
  const parentSpan = trace.getSpanContext(parent);
  const traceId = parentSpan?.traceId ?? hexId(32);
  const spanId = hexId(16);
  const seen: SeenSpan = {
    ...{ name, kind: options.kind, spanId, parentId: parentSpan?.spanId, traceId },
    attributes: { ...options.attributes },
    isError: false,
    hasEnded: false,
  };
  spans.push(seen);
  const span = trace.wrapSpanContext({ traceId, spanId, traceFlags: 1 });
  return Object.assign(span, {
    setAttributes: (attributes: Attributes) => {
      Object.assign(seen.attributes, attributes);
      return span;
    },
    setStatus: () => {
      seen.isError = true;
      return span;
    },
    end: () => void (seen.hasEnded = true),
  });
}

const w3c: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject: (from, carrier, setter) => {
    const span = trace.getSpanContext(from);
    if (span) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
  },
  extract: (into, carrier, getter) => {
    const header = getter.get(carrier, 'traceparent');
    const [, traceId, spanId] = typeof header === 'string' ? header.split('-') : [];
    if (traceId === undefined || spanId === undefined) return into;
    return trace.setSpanContext(into, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};

const storage = new AsyncLocalStorage<Context>();
const contexts: ContextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (current, run, self, ...args) => storage.run(current, () => run.apply(self, args)),
  bind: (_, target) => target,
  enable: () => contexts,
  disable: () => contexts,
};

beforeAll(() => {
  context.setGlobalContextManager(contexts);
  propagation.setGlobalPropagator(w3c);
  const tracer = { startSpan, startActiveSpan: () => undefined };
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  const meter = {
    createHistogram: (name: string) => ({
      record: (valueSec: number, attributes: Attributes) =>
        void durations.push({ name, valueSec, attributes }),
    }),
  };
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as unknown as MeterProvider);
});
afterAll(() => {
  context.disable();
  propagation.disable();
  trace.disable();
  metrics.disable();
});
beforeEach(() => {
  spans.length = 0;
  durations.length = 0;
});

const allEnded = (): boolean => spans.every(({ hasEnded }) => hasEnded);

describe('tracing', () => {
  it('makes one trace of caller, client, server and what the handler does', async () => {
    const echo = await startEcho({
      say: unary(async (request: Echo) => {
        await Promise.resolve();
        startSpan('inner', {}, context.active()).end();
        return request;
      }),
    });
    const root = startSpan('root');
    await context.with(trace.setSpan(ROOT_CONTEXT, root), () =>
      echo.client.call('say', { text: '' }),
    );
    root.end();
    await until(allEnded);
    const [rootSpan, client, server, inner] = spans;
    expect(spans.map(({ name }) => name)).toEqual([
      'root',
      'avd.test.v1.EchoService/Say',
      'avd.test.v1.EchoService/Say',
      'inner',
    ]);
    expect(client?.parentId).toBe(rootSpan?.spanId);
    expect(server?.parentId).toBe(client?.spanId);
    expect(inner?.parentId).toBe(server?.spanId);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const port = Number(echo.client.address.split(':')[1]);
    const attributes = {
      'rpc.system.name': 'grpc',
      'rpc.method': 'avd.test.v1.EchoService/Say',
      'rpc.response.status_code': 'OK',
      'server.address': '127.0.0.1',
      'server.port': port,
    };
    expect(client).toMatchObject({ kind: 2, attributes, isError: false });
    expect(server).toMatchObject({ kind: 1, attributes, isError: false });
    expect(durations.map(({ name }) => name).sort()).toEqual([
      'rpc.client.call.duration',
      'rpc.server.call.duration',
    ]);
    await echo.close();
  });

  it('blames the client span for every error, the server span only for its own', async () => {
    const kinds = ['invalidInput', 'internal'] as const;
    const echo = await startEcho({
      say: unary(({ text }: Echo) => {
        throw new AvdError(kinds[Number(text)] ?? 'internal', 'R', 'm');
      }),
    });
    for (const text of ['0', '1']) {
      await expect(echo.client.call('say', { text })).rejects.toBeInstanceOf(AvdError);
    }
    await until(allEnded);
    expect(
      spans.map(({ kind, isError, attributes }) => [kind, isError, attributes['error.type']]),
    ).toEqual([
      [2, true, 'INVALID_ARGUMENT'],
      [1, false, undefined],
      [2, true, 'INTERNAL'],
      [1, true, 'INTERNAL'],
    ]);
    await echo.close();
  });

  it('ends the spans of a stream that its client leaves', async () => {
    const echo = await startEcho({
      list: serverStream(async function* (_: Echo, { signal }): AsyncGenerator<Echo> {
        yield { text: '' };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      }),
    });
    const stream = echo.client.stream('list', { text: '' });
    await stream.next();
    expect(spans.map(({ hasEnded }) => hasEnded)).toEqual([false, false]);
    await stream.return();
    await until(allEnded);
    expect(spans.map(({ attributes }) => attributes['rpc.response.status_code'])).toEqual([
      'CANCELLED',
      'CANCELLED',
    ]);
    await echo.close();
  });

  it('leaves health checks out', async () => {
    const echo = await startEcho();
    await using health = await createRpcClient({ service: healthDefinition }, echo.client.address);
    await health.call('check', { service: '' });
    expect(spans).toEqual([]);
    await echo.close();
  });
});
