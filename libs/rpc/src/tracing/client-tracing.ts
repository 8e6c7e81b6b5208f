import { InterceptingCall, status, type Interceptor } from '@grpc/grpc-js';
import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { createDurationHistogram, isTraced, metadataSetter, startCallSpan } from './call-span.js';
import { METRIC_RPC_CLIENT_CALL_DURATION } from './semconv.js';

const OK: number = status.OK;

/**
 * One client span per call below the active one, sent along in the metadata.
 * Made after telemetry has started: the meter is asked for here.
 */
export function createClientTracing(server: {
  readonly address: string;
  readonly port?: number;
}): Interceptor {
  const histogram = createDurationHistogram(METRIC_RPC_CLIENT_CALL_DURATION);
  return (options, nextCall) => {
    const { path } = options.method_definition;
    if (!isTraced(path)) return new InterceptingCall(nextCall(options));
    const parent = context.active();
    const callSpan = startCallSpan(path, SpanKind.CLIENT, parent, server, {
      histogram,
      isFailure: (code) => code !== OK,
    });
    return new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => {
        propagation.inject(trace.setSpan(parent, callSpan.span), metadata, metadataSetter);
        next(metadata, {
          onReceiveStatus: (answer, nextStatus) => {
            callSpan.end(answer.code);
            nextStatus(answer);
          },
        });
      },
    });
  };
}
