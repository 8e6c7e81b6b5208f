import { createConnection } from 'node:net';
import { createRpcClient, healthDefinition, SERVING_STATUS } from '@avd/rpc';
import type { Probe } from './liveness.js';

/**
 * Asks for the health of a gRPC service. A connection each time: one that is kept would take its time to notice that the
 * process behind the address is a new one.
 */
export function grpcProbe(address: string, serviceName: string): Probe {
  return async (timeoutMs) => {
    await using client = await createRpcClient({ service: healthDefinition }, address);
    const deadlineSec = timeoutMs / 1000;
    const { status } = await client.call('check', { service: serviceName }, { deadlineSec });
    return status === SERVING_STATUS.serving ? 'ready' : 'alive';
  };
}

/** A NATS server greets every connection with INFO. */
export function natsProbe(host: string, port: number): Probe {
  return (timeoutMs) =>
    new Promise((resolve, reject) => {
      const socket = createConnection(port, host);
      socket.once('data', () => {
        socket.destroy();
        resolve('ready');
      });
      const fail = (): void => {
        socket.destroy();
        reject(new Error('No greeting.'));
      };
      socket.once('error', fail);
      socket.once('close', fail);
      socket.setTimeout(timeoutMs, fail);
    });
}
