import { connectMessaging } from '../connection.js';
import type { Messaging } from '../connection.js';
import { pause } from '../delays.js';
import { ensureTopology } from '../ensure-topology.js';
import type { TopologyOptions } from '../topology.js';
import { startNatsServer } from './start-nats-server.js';
import type { TestNatsServer } from './start-nats-server.js';

/** A server with the topology, and connections that are closed with it. */
export interface TestBench extends AsyncDisposable {
  readonly server: TestNatsServer;
  readonly messaging: Messaging;
  /** Another process, as far as NATS can tell. */
  connect(name: string): Promise<Messaging>;
  /** Disposes of it before the connections, the last one first. */
  use<T extends AsyncDisposable>(resource: T): T;
}

export async function openBench(topology: TopologyOptions = { ackWaitSec: 1 }): Promise<TestBench> {
  const server = await startNatsServer();
  const open: Messaging[] = [];
  const used: AsyncDisposable[] = [];
  const connect = async (name: string): Promise<Messaging> => {
    const messaging = await connectMessaging({ urls: [server.url], name });
    open.push(messaging);
    return messaging;
  };
  const messaging = await connect('avd-test');
  await ensureTopology(messaging, topology);
  return {
    server,
    messaging,
    connect,
    use(resource) {
      used.push(resource);
      return resource;
    },
    async [Symbol.asyncDispose]() {
      for (const resource of used.reverse()) await resource[Symbol.asyncDispose]();
      await Promise.all(open.map((each) => each.close()));
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Polls until the condition holds. @throws Error after the limit */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limitMs = 15_000,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > endMs)
      throw new Error(`not so after ${limitMs} ms: ${String(condition)}`);
    await pause(10);
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
