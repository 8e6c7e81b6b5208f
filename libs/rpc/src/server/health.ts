import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { AvdError } from '@avd/domain';
import { encodeMessage, readFields, writeInt32, writeText } from '../wire.js';
import { serverStream, unary } from './handlers.js';

/** Values of grpc.health.v1.HealthCheckResponse.ServingStatus. */
export const SERVING_STATUS = { serving: 1, notServing: 2, serviceUnknown: 3 } as const;

/** Name of the process itself. */
export const PROCESS = '';

export interface HealthRequest {
  readonly service: string;
}

export interface HealthResponse {
  readonly status: number;
}

/** grpc.health.v1.Health, for servers and clients. */
export const healthDefinition = {
  check: healthMethod('/grpc.health.v1.Health/Check', false as const),
  watch: healthMethod('/grpc.health.v1.Health/Watch', true as const),
} satisfies ServiceDefinition;

export interface Health {
  readonly implementation: UntypedServiceImplementation;
  /** Throws an `internal` AvdError for a name that is not served. */
  setServing(service: string, isServing: boolean): void;
  /** Everything NOT_SERVING for good: watchers are told, then their calls end. */
  stop(): void;
}

/** Statuses of the process (SERVING as long as it lives) and of each service (NOT_SERVING until told). */
export function createHealth(serviceNames: readonly string[], isServingAtStart: boolean): Health {
  const initial = isServingAtStart ? SERVING_STATUS.serving : SERVING_STATUS.notServing;
  const statuses = new Map<string, number>(serviceNames.map((name) => [name, initial]));
  statuses.set(PROCESS, SERVING_STATUS.serving);
  const watchers = new Set<() => void>();
  let isStopped = false;
  const wakeWatchers = (): void => {
    for (const wake of watchers) wake();
  };

  async function* watch(
    { service }: HealthRequest,
    { signal }: { readonly signal: AbortSignal },
  ): AsyncGenerator<HealthResponse> {
    let wake: () => void = () => undefined;
    const onChange = (): void => wake();
    watchers.add(onChange);
    signal.addEventListener('abort', onChange);
    try {
      let sent: number | undefined;
      for (;;) {
        const changed = new Promise<void>((resolve) => (wake = resolve));
        const now = statuses.get(service) ?? SERVING_STATUS.serviceUnknown;
        if (now !== sent) {
          sent = now;
          yield { status: now };
        } else if (isStopped || signal.aborted) {
          return;
        } else {
          await changed;
        }
      }
    } finally {
      watchers.delete(onChange);
      signal.removeEventListener('abort', onChange);
    }
  }

  return {
    implementation: {
      check: unary(({ service }: HealthRequest): HealthResponse => {
        const now = statuses.get(service);
        if (now === undefined) {
          throw new AvdError(
            'notFound',
            'SERVICE_UNKNOWN',
            `This server has no service named "${service}".`,
          );
        }
        return { status: now };
      }),
      watch: serverStream(watch),
    },
    setServing: (service, isServing) => {
      if (!statuses.has(service)) {
        throw new AvdError(
          'internal',
          'SERVICE_UNKNOWN',
          `This server has no service named "${service}", so its health cannot be set.`,
        );
      }
      if (isStopped) return;
      statuses.set(service, isServing ? SERVING_STATUS.serving : SERVING_STATUS.notServing);
      wakeWatchers();
    },
    stop: () => {
      isStopped = true;
      for (const name of statuses.keys()) statuses.set(name, SERVING_STATUS.notServing);
      wakeWatchers();
    },
  };
}

function healthMethod<IsStream extends boolean>(path: string, responseStream: IsStream) {
  return {
    path,
    requestStream: false as const,
    responseStream,
    requestSerialize: ({ service }: HealthRequest): Buffer =>
      encodeMessage((writer) => writeText(writer, 1, service)),
    requestDeserialize: (bytes: Buffer): HealthRequest => {
      let service = '';
      readFields(bytes, (fieldNumber, reader) => {
        if (fieldNumber !== 1) return false;
        service = reader.string();
        return true;
      });
      return { service };
    },
    responseSerialize: (response: HealthResponse): Buffer =>
      encodeMessage((writer) => writeInt32(writer, 1, response.status)),
    responseDeserialize: (bytes: Buffer): HealthResponse => {
      let servingStatus = 0;
      readFields(bytes, (fieldNumber, reader) => {
        if (fieldNumber !== 1) return false;
        servingStatus = reader.int32();
        return true;
      });
      return { status: servingStatus };
    },
  };
}
