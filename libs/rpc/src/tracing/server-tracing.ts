import {
  ServerInterceptingCall,
  ServerListenerBuilder,
  status,
  type Metadata,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
} from '@opentelemetry/api';
import { isPastDeadline } from '../server/call-context.js';
import {
  createDurationHistogram,
  isTraced,
  metadataGetter,
  startCallSpan,
  type CallSpan,
} from './call-span.js';
import { METRIC_RPC_SERVER_CALL_DURATION } from './semconv.js';

/** Codes that are the server's fault; the rest are answers to a wrong or withdrawn question. */
const SERVER_FAILURES: ReadonlySet<number> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/**
 * One server span per call, below the client's span where its metadata carry one; the handler runs inside it.
 * Made after telemetry has started: the meter is asked for here.
 */
export function createServerTracing(): ServerInterceptor {
  const histogram = createDurationHistogram(METRIC_RPC_SERVER_CALL_DURATION);
  return ({ path }, call) => {
    if (!isTraced(path)) return new ServerInterceptingCall(call);
    let callSpan: CallSpan | undefined;
    let callContext: Context = ROOT_CONTEXT;
    const begin = (metadata: Metadata): void => {
      const parent = propagation.extract(ROOT_CONTEXT, metadata, metadataGetter);
      const { localAddress, localPort } = call.getConnectionInfo();
      const server = {
        address: localAddress ?? call.getHost(),
        ...(localPort === undefined ? {} : { port: localPort }),
      };
      callSpan = startCallSpan(path, SpanKind.SERVER, parent, server, {
        histogram,
        isFailure: (code) => SERVER_FAILURES.has(code),
      });
      callContext = trace.setSpan(parent, callSpan.span);
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        begin(metadata);
        context.with(callContext, () => next(metadata));
      })
      .withOnReceiveMessage((message, next) => context.with(callContext, () => next(message)))
      .withOnReceiveHalfClose((next) => context.with(callContext, next))
      .withOnCancel(() => {
        // A call that ended without a status from here was left by its client or cut by its deadline.
        callSpan?.end(
          isPastDeadline(call.getDeadline()) ? status.DEADLINE_EXCEEDED : status.CANCELLED,
        );
      })
      .build();
    return new ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (answer, next) => {
        next(answer);
        callSpan?.end(answer.code ?? status.UNKNOWN);
      },
    });
  };
}
