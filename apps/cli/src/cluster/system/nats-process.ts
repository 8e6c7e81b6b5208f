import { AvdError } from '@avd/domain';
import { natsServerPath } from '@avd/messaging';
import type { Launch } from '../processes/child.js';

/**
 * The nats-server to start.
 * @throws AvdError precondition NATS_SERVER_MISSING that says how to get one
 */
export function requireNatsServer(): string {
  const binary = natsServerPath();
  if (binary !== undefined) return binary;
  throw new AvdError(
    'precondition',
    'NATS_SERVER_MISSING',
    'There is no nats-server on this machine: install it with `sudo apt-get install nats-server`, name it in AVD_NATS_SERVER, or give a running one with --nats URL.',
  );
}

/** JetStream on the loopback interface, its streams in a folder that the next start finds again. */
export function natsLaunch(binary: string, port: number, storeDir: string): Launch {
  return {
    command: binary,
    args: ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', storeDir],
    env: process.env,
  };
}
