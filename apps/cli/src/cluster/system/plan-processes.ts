import { natsProbe, grpcProbe } from '../processes/probes.js';
import type { ProcessSpec } from '../processes/supervise.js';
import { serviceEnvironment, type SystemSettings } from './environment.js';
import { natsLaunch } from './nats-process.js';
import { anyPort, fixedPort, type PortChoice } from './ports.js';
import type { SystemService } from './services.js';

const HOST = '127.0.0.1';

/** A process of a service, and the port of its pages where it has some. */
export interface PlannedProcess extends ProcessSpec {
  readonly httpPort?: PortChoice;
}

/** NATS, on a port that never changes once it was ready: all services look for it there. */
export function planNats(binary: string, storeDir: string): ProcessSpec {
  const port = anyPort();
  let wasReady = false;
  return {
    ...{ name: 'nats', service: 'nats' },
    address: () => `${HOST}:${port.chosen}`,
    launch: async () => natsLaunch(binary, await port.choose(), storeDir),
    async probe(timeoutMs) {
      const answer = await natsProbe(HOST, port.chosen)(timeoutMs);
      wasReady = true;
      return answer;
    },
    onFailedStart() {
      if (!wasReady) port.renew();
    },
  };
}

export interface PlanOptions {
  /** Processes of each service by its name. @default 1 of each */
  readonly replicas?: Readonly<Record<string, number>>;
  /** Ports of the first orchestrator. @default free ones */
  readonly port?: number;
  readonly httpPort?: number;
}

/** The processes of all services, replicas numbered from 1. */
export function planProcesses(
  services: readonly SystemService[],
  settings: SystemSettings,
  { replicas, port, httpPort }: PlanOptions,
): PlannedProcess[] {
  return services.flatMap((service) => {
    const count = replicas?.[service.name] ?? 1;
    return Array.from({ length: count }, (_, index) => {
      const name = count === 1 ? service.name : `${service.name}-${index + 1}`;
      const choose = (named: number | undefined): PortChoice =>
        index === 0 && named !== undefined ? fixedPort(named) : anyPort();
      const ports =
        service.kind === 'orchestrator'
          ? { grpc: choose(port), http: choose(httpPort) }
          : { grpc: anyPort() };
      return planProcess(name, service, settings, ports);
    });
  });
}

function planProcess(
  name: string,
  service: SystemService,
  settings: SystemSettings,
  { grpc, http }: { readonly grpc: PortChoice; readonly http?: PortChoice },
): PlannedProcess {
  const address = (): string => `${HOST}:${grpc.chosen}`;
  return {
    ...{ name, service: service.name, address },
    ...(http !== undefined && { httpPort: http }),
    async launch() {
      const httpPort = await http?.choose();
      const ports = {
        grpc: await grpc.choose(),
        ...(httpPort !== undefined && { http: httpPort }),
      };
      const env = serviceEnvironment(service, ports, settings);
      return { command: process.execPath, args: [service.entry], env };
    },
    probe: (timeoutMs) => grpcProbe(address(), service.healthName)(timeoutMs),
    onFailedStart() {
      grpc.renew();
      http?.renew();
    },
  };
}
