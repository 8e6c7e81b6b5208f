import {
  logVerbosity,
  Server,
  setLogVerbosity,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';
import { serverCredentials, type ServerTlsFiles } from '../tls.js';
import { createServerTracing } from '../tracing/server-tracing.js';
import { BUILTIN_IMAGE } from './builtin-image.js';
import { indexDescriptors, type Descriptors } from './descriptors.js';
import { createHealth, healthDefinition } from './health.js';
import { createReflection, reflectionDefinitions } from './reflection.js';
import { bindHandler, type RpcLogger, type ServerRuntime } from './runtime.js';

/** A service, and its handlers made with `unary`, `serverStream`, `clientStream` or `bidiStream`. */
export interface ServedService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

export interface RpcServerOptions {
  /** HOST:PORT; port 0 takes a free one. */
  readonly address: string;
  readonly services: readonly ServedService[];
  /** FileDescriptorSet with the files of all services and everything that they import, for reflection. */
  readonly descriptorImage: Uint8Array;
  /** @default plain text */
  readonly tls?: ServerTlsFiles;
  /** Largest request message. @default 4 MiB */
  readonly maxReceiveBytes?: number;
  /** Whether services are SERVING before they are told to be. @default false */
  readonly health?: { readonly isServingAtStart?: boolean };
  /** Where causes of failed calls go. @default nowhere */
  readonly logger?: RpcLogger;
}

export interface RpcServer extends AsyncDisposable {
  readonly port: number;
  /** Health of one service by its full name, or of the process (''). Throws `internal` for an unknown name. */
  setServing(serviceName: string, isServing: boolean): void;
  /**
   * Health says NOT_SERVING and new calls are refused at once; running calls may end within `graceMs`, then their
   * signals abort and their clients get UNAVAILABLE. Calls after the first wait for the same stop.
   */
  shutdown(graceMs: number): Promise<void>;
}

const DEFAULT_MAX_RECEIVE_BYTES = 4 * 1024 * 1024;
const KEEPALIVE_TIME_MS = 60_000;
const KEEPALIVE_TIMEOUT_MS = 20_000;
/** How long aborted handlers may clean up, and their last words travel, before connections are cut. */
const FORCE_WAIT_MS = 500;
/** Grace of `await using`. */
const DISPOSE_GRACE_MS = 5000;

/**
 * Starts a gRPC server with health (v1) and reflection (v1, v1alpha) beside the given services.
 *
 * @throws AvdError `precondition` where the address is taken or a TLS file is missing; `internal` where a service is not in the image.
 */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const { address, services, logger = SILENT } = options;
  const draining = new AbortController();
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const runtime: ServerRuntime = {
    stopping: stopping.signal,
    logger,
    track: (work) => {
      running.add(work);
      void work.then(() => running.delete(work));
    },
  };

  const descriptors = indexDescriptors([options.descriptorImage, BUILTIN_IMAGE]);
  const ownNames = services.map(({ definition }) => serviceName(definition));
  requireDescriptors(descriptors, ownNames);
  const health = createHealth(ownNames, options.health?.isServingAtStart ?? false);
  const reflection = createReflection(descriptors, [
    ...ownNames,
    ...[healthDefinition, ...reflectionDefinitions].map(serviceName),
  ]);

  quietGrpc();
  const credentials = await serverCredentials(options.tls);
  const server = new Server({
    'grpc.max_receive_message_length': options.maxReceiveBytes ?? DEFAULT_MAX_RECEIVE_BYTES,
    'grpc.keepalive_time_ms': KEEPALIVE_TIME_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    interceptors: [createServerTracing()],
  });
  for (const service of services) addService(server, service, runtime);
  addService(
    server,
    { definition: healthDefinition, implementation: health.implementation },
    runtime,
  );
  // Tools keep reflection calls open; these must not hold a stop up.
  const toolRuntime = { ...runtime, stopping: draining.signal };
  for (const definition of reflectionDefinitions) {
    addService(server, { definition, implementation: reflection }, toolRuntime);
  }
  const port = await bind(server, address, credentials);

  async function stop(graceMs: number): Promise<void> {
    health.stop();
    draining.abort();
    const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
    const finished = closed.then(async () => {
      await Promise.all(running);
    });
    if (!(await settlesWithin(finished, graceMs))) {
      stopping.abort();
      await settlesWithin(finished, FORCE_WAIT_MS);
    }
    server.forceShutdown();
  }
  let stopped: Promise<void> | undefined;
  const shutdown = (graceMs: number): Promise<void> => (stopped ??= stop(graceMs));

  return {
    port,
    setServing: (name, isServing) => health.setServing(name, isServing),
    shutdown,
    [Symbol.asyncDispose]: () => shutdown(DISPOSE_GRACE_MS),
  };
}

/** grpc-js prints what it also throws; only the thrown error is for people. GRPC_VERBOSITY brings it back. */
function quietGrpc(): void {
  if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);
}

const SILENT: RpcLogger = { error: () => undefined, warn: () => undefined };

function addService(
  server: Server,
  { definition, implementation }: ServedService,
  runtime: ServerRuntime,
): void {
  const bound = Object.entries(implementation).map(
    ([name, handler]) => [name, bindHandler(handler, runtime)] as const,
  );
  server.addService(definition, Object.fromEntries(bound));
}

function serviceName(definition: ServiceDefinition): string {
  const path = Object.values(definition)[0]?.path ?? '';
  return path.split('/')[1] ?? '';
}

function requireDescriptors(descriptors: Descriptors, serviceNames: readonly string[]): void {
  const missing = serviceNames.filter((name) => descriptors.filesDeclaring(name) === undefined);
  if (missing.length > 0) {
    throw new AvdError(
      'internal',
      'DESCRIPTOR_MISSING',
      `The descriptor image lacks ${missing.join(', ')}; generate it anew from the proto files.`,
    );
  }
}

async function bind(
  server: Server,
  address: string,
  credentials: Awaited<ReturnType<typeof serverCredentials>>,
): Promise<number> {
  try {
    return await new Promise<number>((resolve, reject) => {
      server.bindAsync(address, credentials, (error, port) => {
        if (error === null) resolve(port);
        else reject(error);
      });
    });
  } catch (error) {
    throw new AvdError(
      'precondition',
      'ADDRESS_IN_USE',
      `Cannot listen on ${address}; another program may have this port already.`,
      { details: { address }, cause: error },
    );
  }
}

async function settlesWithin(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    return await Promise.race([work.then(() => true), expired]);
  } finally {
    clearTimeout(timer);
  }
}
