import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseOtlpMetrics, parseOtlpTraces } from './otlp-json.js';
import type { MetricPoint, SpanRecord } from './records.js';
import { orphanSpans, spanTree, type SpanTreeOptions } from './span-tree.js';

/** Collects what other processes send by OTLP over HTTP with JSON, on a free port of 127.0.0.1. */
export interface OtlpReceiver extends AsyncDisposable {
  /** For example http://127.0.0.1:41234 */
  readonly endpoint: string;
  /** OTEL variables that make a process send here, soon. */
  readonly env: Readonly<Record<string, string>>;
  spans(): SpanRecord[];
  /** Last value of every series. */
  metrics(): MetricPoint[];
  tree(options?: SpanTreeOptions): string;
  orphans(): SpanRecord[];
  /**
   * Waits until the spans received fulfil the condition.
   *
   * @returns the spans
   * @throws Error with the tree received so far, when the time is over
   */
  waitFor(
    isDone: (spans: readonly SpanRecord[]) => boolean,
    limitMs?: number,
  ): Promise<SpanRecord[]>;
}

/** Starts a receiver for tests with several processes; give its `env` to each of them. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: SpanRecord[] = [];
  const series = new Map<string, MetricPoint>();
  const waiting = new Set<() => void>();

  const receive = async (request: IncomingMessage): Promise<number> => {
    if (request.headers['content-type']?.startsWith('application/json') !== true) return 415;
    const body = await text(request);
    if (request.url === '/v1/traces') {
      spans.push(...parseOtlpTraces(body));
    } else if (request.url === '/v1/metrics') {
      for (const point of parseOtlpMetrics(body)) {
        series.set(JSON.stringify([point.service, point.name, point.attributes]), point);
      }
    } else {
      return 404;
    }
    for (const check of waiting) check();
    return 200;
  };
  const server = createServer((request, response) => {
    receive(request).then(
      (status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'),
      () => response.writeHead(400).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    endpoint,
    env: {
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '500',
    },
    spans: () => [...spans],
    metrics: () => [...series.values()],
    tree: (options) => spanTree(spans, options),
    orphans: () => orphanSpans(spans),
    waitFor: async (isDone, limitMs = 10_000) => {
      await new Promise<void>((resolve, reject) => {
        const finish = (settle: () => void): void => {
          clearTimeout(timer);
          waiting.delete(check);
          settle();
        };
        const check = (): void => {
          if (isDone(spans)) finish(resolve);
        };
        const timer = setTimeout(() => {
          const received = spanTree(spans) || '(no spans)';
          finish(() => reject(new Error(`Not seen in ${limitMs} ms; received:\n${received}`)));
        }, limitMs);
        waiting.add(check);
        check();
      });
      return [...spans];
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
