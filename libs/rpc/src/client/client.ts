import { Client, type ClientOptions, type ServiceDefinition } from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';
import { noServerError } from '../errors/client-error.js';
import { clientCredentials, type ClientTlsFiles } from '../tls.js';
import { createClientTracing } from '../tracing/client-tracing.js';
import { parseServerAddress } from './address.js';
import {
  callServerStream,
  callUnary,
  callUpload,
  type CallTarget,
  type RpcCallOptions,
} from './calls.js';
import type {
  ClientStreamMethod,
  RequestOf,
  ResponseOf,
  ServerStreamMethod,
  ServiceHolder,
  UnaryMethod,
} from './service-types.js';

export interface RpcClientOptions {
  /** @default plain text */
  readonly tls?: ClientTlsFiles;
  /** Largest response message. @default 4 MiB */
  readonly maxReceiveBytes?: number;
}

/** Calls of one service. Every failure is an AvdError: the server's own, or one clear sentence about the connection. */
export interface RpcClient<S extends ServiceDefinition> extends AsyncDisposable {
  /** HOST:PORT as it was given. */
  readonly address: string;
  /** Waits until a server answers. Throws AvdError `unavailable` after `deadlineSec` (default 5). */
  ready(options?: { readonly deadlineSec?: number; readonly signal?: AbortSignal }): Promise<void>;
  call<M extends UnaryMethod<S>>(
    method: M,
    request: RequestOf<S[M]>,
    options?: RpcCallOptions,
  ): Promise<ResponseOf<S[M]>>;
  /** The call starts with the first `next()`, is read no faster than it is consumed, and is cancelled when left early. */
  stream<M extends ServerStreamMethod<S>>(
    method: M,
    request: RequestOf<S[M]>,
    options?: RpcCallOptions,
  ): AsyncGenerator<ResponseOf<S[M]>, void, undefined>;
  /** Sends each request before it asks for the next; stops early when the server has already answered. */
  upload<M extends ClientStreamMethod<S>>(
    method: M,
    requests: AsyncIterable<RequestOf<S[M]>> | Iterable<RequestOf<S[M]>>,
    options?: RpcCallOptions,
  ): Promise<ResponseOf<S[M]>>;
  /** Cuts running calls and closes the connection. */
  close(): void;
}

const DEFAULT_MAX_RECEIVE_BYTES = 4 * 1024 * 1024;
const DEFAULT_READY_SEC = 5;
const KEEPALIVE_TIME_MS = 60_000;
const KEEPALIVE_TIMEOUT_MS = 20_000;
/** A headless Kubernetes service has one address per pod: spread the calls over all of them. */
const SERVICE_CONFIG = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/**
 * A client of one service. It connects with the first call (or `ready`), and again by itself after a loss.
 *
 * @param service generated client class, or `{ service: definition }`.
 * @param address HOST:PORT, or a gRPC target such as `dns:///avd-vad.avd.svc:50051`.
 * @throws AvdError `precondition` where a TLS file is missing.
 */
export async function createRpcClient<S extends ServiceDefinition>(
  { service }: ServiceHolder<S>,
  address: string,
  options: RpcClientOptions = {},
): Promise<RpcClient<S>> {
  const server = parseServerAddress(address);
  const { serverName } = options.tls ?? {};
  const clientOptions: ClientOptions = {
    'grpc.service_config': SERVICE_CONFIG,
    // The configuration above counts; looking for another one in DNS only costs time.
    'grpc.service_config_disable_resolution': 1,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_receive_message_length': options.maxReceiveBytes ?? DEFAULT_MAX_RECEIVE_BYTES,
    ...(serverName === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
    interceptors: [
      createClientTracing({
        address: server.host,
        ...(server.port === undefined ? {} : { port: server.port }),
      }),
    ],
  };
  const client = new Client(server.target, await clientCredentials(options.tls), clientOptions);
  const target = (method: string): CallTarget => {
    const definition = service[method];
    if (definition === undefined) {
      throw new AvdError('internal', 'UNKNOWN_METHOD', `The service has no method "${method}".`);
    }
    return { client, definition, address: server.text };
  };

  return {
    address: server.text,
    ready: ({ deadlineSec = DEFAULT_READY_SEC, signal } = {}) =>
      waitForServer(client, server.text, deadlineSec, signal),
    call: (method, request, callOptions) => callUnary(target(method), request, callOptions),
    stream: (method, request, callOptions) =>
      callServerStream(target(method), request, callOptions),
    upload: (method, requests, callOptions) => callUpload(target(method), requests, callOptions),
    close: () => client.close(),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

async function waitForServer(
  client: Client,
  address: string,
  deadlineSec: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void =>
      reject(new AvdError('cancelled', 'CANCELLED', 'Stopped before the end.'));
    if (signal?.aborted === true) {
      stop();
      return;
    }
    signal?.addEventListener('abort', stop, { once: true });
    client.waitForReady(Date.now() + deadlineSec * 1000, (error) => {
      signal?.removeEventListener('abort', stop);
      if (error === undefined) resolve();
      else reject(noServerError(address, error));
    });
  });
}
