import type { UntypedHandleCall } from '@grpc/grpc-js';

/** Where the causes of failed calls go. */
export interface RpcLogger {
  error(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a running server gives to its handlers. */
export interface ServerRuntime {
  /** Aborts when the server stops by force. */
  readonly stopping: AbortSignal;
  readonly logger: RpcLogger;
  /** A graceful stop waits for this work. It never rejects. */
  track(work: Promise<void>): void;
}

const bindings = new WeakMap<UntypedHandleCall, (runtime: ServerRuntime) => UntypedHandleCall>();

/** Remembers how a handler is made for one server, so that plain grpc-js implementations stay possible beside it. */
export function bindable<H extends UntypedHandleCall>(bind: (runtime: ServerRuntime) => H): H {
  const handler = bind(UNBOUND);
  bindings.set(handler, bind);
  return handler;
}

/** The handler as one server runs it. */
export function bindHandler(handler: UntypedHandleCall, runtime: ServerRuntime): UntypedHandleCall {
  return bindings.get(handler)?.(runtime) ?? handler;
}

const UNBOUND: ServerRuntime = {
  stopping: new AbortController().signal,
  logger: { error: () => undefined, warn: () => undefined },
  track: () => undefined,
};
