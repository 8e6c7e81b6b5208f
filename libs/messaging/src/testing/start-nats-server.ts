import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchNatsServer, natsServerPath } from '../nats-server.js';

/** A nats-server of a test: its own port and folder, both gone at the end. */
export interface TestNatsServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it and leaves it down. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it on the same port and folder, after ending it where it runs. */
  restart(signal?: NodeJS.Signals): Promise<void>;
}

/** @throws AvdError when it does not start; Error when there is none, see natsServerPath */
export async function startNatsServer(): Promise<TestNatsServer> {
  const binary = natsServerPath();
  if (binary === undefined) throw new Error('There is no nats-server on this machine.');
  const storeDir = await mkdtemp(path.join(tmpdir(), 'avd-nats-'));
  let server = await launchNatsServer({ binary, storeDir });
  const { url, port } = server;
  return {
    url,
    port,
    kill: (signal) => server.stop(signal),
    async restart(signal) {
      await server.stop(signal);
      server = await launchNatsServer({ binary, storeDir, port });
    },
    async [Symbol.asyncDispose]() {
      await server.stop('SIGKILL');
      await rm(storeDir, { recursive: true, force: true });
    },
  };
}
