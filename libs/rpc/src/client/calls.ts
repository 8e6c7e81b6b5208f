import {
  Metadata,
  type CallOptions,
  type Client,
  type MethodDefinition,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';
import { isServiceError, toAvdError, type CallFacts } from '../errors/client-error.js';

export interface RpcCallOptions {
  /** Cancels the call, which then fails with AvdError `cancelled`. */
  readonly signal?: AbortSignal;
  /** Limit for the whole call. @default none */
  readonly deadlineSec?: number;
  /** Text metadata to send, keys in lower case. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Method to call, and where. */
export interface CallTarget {
  readonly client: Client;
  readonly definition: ServiceDefinition[string];
  readonly address: string;
}

export async function callUnary<Req, Res>(
  { client, definition, address }: CallTarget,
  request: Req,
  options: RpcCallOptions = {},
): Promise<Res> {
  throwIfAborted(options.signal);
  const { path, requestSerialize, responseDeserialize } = definition as MethodDefinition<Req, Res>;
  let stopListening: (() => void) | undefined;
  try {
    return await new Promise<Res>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        toMetadata(options),
        toCallOptions(options),
        (error, value) => {
          if (error === null) resolve(value as Res);
          else reject(error);
        },
      );
      stopListening = onAbort(options.signal, () => call.cancel());
    });
  } catch (error) {
    throw toCallError(error, address, options);
  } finally {
    stopListening?.();
  }
}

export async function* callServerStream<Req, Res>(
  { client, definition, address }: CallTarget,
  request: Req,
  options: RpcCallOptions = {},
): AsyncGenerator<Res, void, undefined> {
  throwIfAborted(options.signal);
  const { path, requestSerialize, responseDeserialize } = definition as MethodDefinition<Req, Res>;
  const call = client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    toMetadata(options),
    toCallOptions(options),
  );
  // Cancelling emits an error after the loop below has stopped to listen.
  call.on('error', () => undefined);
  const stopListening = onAbort(options.signal, () => call.cancel());
  const responses = call.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await nextResponse<Res>(responses, address, options);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    stopListening();
    call.cancel();
  }
}

export async function callUpload<Req, Res>(
  { client, definition, address }: CallTarget,
  requests: AsyncIterable<Req> | Iterable<Req>,
  options: RpcCallOptions = {},
): Promise<Res> {
  throwIfAborted(options.signal);
  const { path, requestSerialize, responseDeserialize } = definition as MethodDefinition<Req, Res>;
  let answer: { readonly error: ServiceError } | { readonly value: Res } | undefined;
  let wake: () => void = () => undefined;
  const call = client.makeClientStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    toMetadata(options),
    toCallOptions(options),
    (error, value) => {
      answer = error === null ? { value: value as Res } : { error };
      wake();
    },
  );
  call.on('error', () => undefined);
  const stopListening = onAbort(options.signal, () => call.cancel());
  const iterator = iteratorOf(requests);
  const hasAnswer = (): boolean => answer !== undefined;
  try {
    while (!hasAnswer()) {
      // Each wait also ends when the server has answered, which it may do before the last request.
      const next = await new Promise<IteratorResult<Req> | undefined>((resolve, reject) => {
        wake = () => resolve(undefined);
        Promise.resolve(iterator.next()).then(resolve, reject);
      });
      if (next === undefined) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
        if (next.done === true) call.end();
        // grpc-js keeps the first messages for a retry and calls back at once: let the network have its turn.
        else call.write(next.value, () => setImmediate(resolve));
      });
    }
  } catch (error) {
    // The source of the requests failed, which is not the server's news to tell.
    call.cancel();
    throw error;
  } finally {
    stopListening();
    leave(iterator);
  }
  if (answer === undefined)
    throw new AvdError('internal', 'INTERNAL', 'The call ended without an answer.');
  if ('error' in answer) throw toCallError(answer.error, address, options);
  return answer.value;
}

function iteratorOf<T>(items: AsyncIterable<T> | Iterable<T>): AsyncIterator<T> | Iterator<T> {
  return Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
}

/** Lets a generator run its `finally`; it may still be waiting for something, so nobody waits for it here. */
function leave<T>(iterator: AsyncIterator<T> | Iterator<T>): void {
  const finish = async (): Promise<unknown> => iterator.return?.();
  finish().catch(() => undefined);
}

async function nextResponse<Res>(
  responses: AsyncIterator<unknown>,
  address: string,
  options: RpcCallOptions,
): Promise<IteratorResult<Res, undefined>> {
  try {
    return (await responses.next()) as IteratorResult<Res, undefined>;
  } catch (error) {
    throw toCallError(error, address, options);
  }
}

function toCallError(error: unknown, address: string, options: RpcCallOptions): AvdError {
  const { deadlineSec } = options;
  const facts: CallFacts = { address, ...(deadlineSec === undefined ? {} : { deadlineSec }) };
  return isServiceError(error) ? toAvdError(error, facts) : AvdError.from(error);
}

function toMetadata({ metadata }: RpcCallOptions): Metadata {
  const result = new Metadata();
  for (const [key, value] of Object.entries(metadata ?? {})) result.set(key, value);
  return result;
}

function toCallOptions({ deadlineSec }: RpcCallOptions): CallOptions {
  return deadlineSec === undefined ? {} : { deadline: Date.now() + deadlineSec * 1000 };
}

function onAbort(signal: AbortSignal | undefined, cancel: () => void): () => void {
  signal?.addEventListener('abort', cancel, { once: true });
  return () => signal?.removeEventListener('abort', cancel);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.');
  }
}
