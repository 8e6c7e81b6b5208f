import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServiceError,
} from '@grpc/grpc-js';
import type { ServerSurfaceCall } from '@grpc/grpc-js/build/src/server-call.js';
import type { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { AvdError } from '@avd/domain';
import { toPublicError, toServiceError } from '../errors/server-error.js';
import {
  cancelReason,
  createCallContext,
  stoppingError,
  type CallContext,
} from './call-context.js';
import { bindable, type ServerRuntime } from './runtime.js';

/**
 * One request, one response. Whatever the handler throws reaches the client as a google.rpc.Status:
 * an AvdError as it is, anything else as INTERNAL with a fixed text (the cause goes to the server's logger).
 */
export function unary<Req, Res>(
  handler: (request: Req, call: CallContext) => Promise<Res> | Res,
): handleUnaryCall<Req, Res> {
  return bindable((runtime) => (call, respond) => {
    runCall(runtime, call, async (context) => handler(call.request, context), respond);
  });
}

/**
 * One request, many responses: each is sent before the next is asked for, so a slow reader holds the generator back.
 * When the client leaves, the generator is returned (its `finally` runs) as soon as its current step ends.
 */
export function serverStream<Req, Res>(
  handler: (request: Req, call: CallContext) => AsyncIterable<Res>,
): handleServerStreamingCall<Req, Res> {
  return bindable((runtime) => (call) => {
    runCall(
      runtime,
      call,
      async (context) => sendAll(handler(call.request, context), call, context.signal),
      (error) => endStream(call, error),
    );
  });
}

/**
 * Many requests, one response. Requests are read as the handler asks for them; it may answer before the last one.
 * They end normally only where the client has finished: reading throws where it broke off.
 */
export function clientStream<Req, Res>(
  handler: (requests: AsyncIterable<Req>, call: CallContext) => Promise<Res>,
): handleClientStreamingCall<Req, Res> {
  return bindable((runtime) => (call, respond) => {
    runCall(
      runtime,
      call,
      async (context) => handler(readAll<Req>(call, context.signal), context),
      respond,
    );
  });
}

/** Requests and responses at the same time. */
export function bidiStream<Req, Res>(
  handler: (requests: AsyncIterable<Req>, call: CallContext) => AsyncIterable<Res>,
): handleBidiStreamingCall<Req, Res> {
  return bindable((runtime) => (call) => {
    runCall(
      runtime,
      call,
      async (context) =>
        sendAll(handler(readAll<Req>(call, context.signal), context), call, context.signal),
      (error) => endStream(call, error),
    );
  });
}

/** Turns of the event loop after the last request in which a cancellation may still show. */
const END_TURNS = 5;

/** Runs the handler and finishes the call exactly once: with its result, its error, or because the server stops. */
function runCall<Res>(
  runtime: ServerRuntime,
  call: ServerSurfaceCall,
  handle: (context: CallContext) => Promise<Res>,
  finish: (error: ServiceError | null, value?: Res) => void,
): void {
  const controller = new AbortController();
  let ended = false;
  const end = (error: AvdError | null, value?: Res): void => {
    if (ended) return;
    ended = true;
    runtime.stopping.removeEventListener('abort', onStopping);
    if (error === null) finish(null, value);
    else finish(toServiceError(error));
  };
  const onStopping = (): void => {
    if (ended) return;
    controller.abort(stoppingError());
    // A handler that does not listen must not hold the stop up.
    end(stoppingError());
  };
  // grpc-js also says 'cancelled' after the answer was sent.
  call.on('cancelled', () => {
    if (!ended) controller.abort(cancelReason(call));
  });
  runtime.stopping.addEventListener('abort', onStopping);
  const run = async (): Promise<void> => {
    try {
      if (runtime.stopping.aborted) throw stoppingError();
      const value = await handle(createCallContext(call, controller.signal));
      end(null, value);
    } catch (error) {
      const failure = toPublicError(error);
      if (!controller.signal.aborted) logFailure(runtime, call, failure);
      end(failure);
    }
  };
  runtime.track(run());
}

function logFailure({ logger }: ServerRuntime, call: ServerSurfaceCall, error: AvdError): void {
  const fields = {
    error: error.cause ?? error,
    method: call.getPath().slice(1),
    reason: error.reason,
  };
  if (error.kind === 'internal') logger.error('a call failed inside the server', fields);
  else if (error.cause !== undefined) logger.warn('a call was refused', fields);
}

async function sendAll<Res>(
  responses: AsyncIterable<Res>,
  call: Writable,
  signal: AbortSignal,
): Promise<void> {
  for await (const response of responses) {
    await send(call, response, signal);
    signal.throwIfAborted();
  }
}

/** Resolves once the message has left for the network, or the call is over (grpc-js then forgets the callback). */
async function send<Res>(call: Writable, message: Res, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    call.write(message, done);
  });
}

async function* readAll<Req>(call: Readable, signal: AbortSignal): AsyncGenerator<Req> {
  try {
    // The call itself must outlive its requests: the answer is still to be sent.
    for await (const request of call.iterator({ destroyOnReturn: false })) yield request as Req;
  } catch (error) {
    // A cancelled call is destroyed, and reading it fails with a premature end.
    signal.throwIfAborted();
    throw error;
  }
  // A client that breaks off looks like one that has finished; that it left becomes known one turn later (measured).
  for (let turn = 0; turn < END_TURNS && !signal.aborted; turn++) await setImmediate();
  signal.throwIfAborted();
}

function endStream(call: Writable, error: ServiceError | null): void {
  if (call.destroyed) return;
  // 'error' is grpc-js's way to end a stream with a status; the messages before it are still sent.
  if (error === null) call.end();
  else call.emit('error', error);
}
