import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/** A port of the loopback interface that is free now. */
async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port === undefined) throw new Error('The system gave no port.');
  return port;
}

/** Whether a port can be taken now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== undefined;
}

/** A port that stays the same over the lives of a process, until `renew`. */
export interface PortChoice {
  /** What was chosen last; 0 before. */
  readonly chosen: number;
  choose(): Promise<number>;
  /** The port may be taken by another program: the next `choose` takes another one. */
  renew(): void;
}

/** A free port. */
export function anyPort(): PortChoice {
  let chosen = 0;
  let isOld = true;
  return {
    get chosen() {
      return chosen;
    },
    async choose() {
      if (isOld) chosen = await freePort();
      isOld = false;
      return chosen;
    },
    renew: () => void (isOld = true),
  };
}

/** A port that the user named. */
export function fixedPort(port: number): PortChoice {
  return { chosen: port, choose: async () => port, renew: () => undefined };
}

/** Listens for a moment; @returns the port, or undefined where that is not possible */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      const bound = address === null || typeof address === 'string' ? undefined : address.port;
      server.close(() => resolve(bound));
    });
  });
}
