import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { createRpcClient, type RpcClient, type RpcClientOptions } from '../client/client.js';
import { bidiStream, clientStream, serverStream, unary } from '../server/handlers.js';
import { startRpcServer, type RpcServer, type RpcServerOptions } from '../server/server.js';
import { echoDefinition, echoImage, type Echo } from './echo-service.js';

export interface EchoPair {
  readonly server: RpcServer;
  readonly client: RpcClient<typeof echoDefinition>;
  close(): Promise<void>;
}

/** A running EchoService on a free port and a client of it; handlers may be replaced. */
export async function startEcho(
  handlers: UntypedServiceImplementation = {},
  serverOptions: Partial<RpcServerOptions> = {},
  clientOptions: RpcClientOptions = {},
): Promise<EchoPair> {
  const server = await startRpcServer({
    address: '127.0.0.1:0',
    services: [{ definition: echoDefinition, implementation: { ...plainHandlers, ...handlers } }],
    descriptorImage: echoImage(),
    ...serverOptions,
  });
  const client = await createRpcClient(
    { service: echoDefinition },
    `127.0.0.1:${String(server.port)}`,
    clientOptions,
  );
  return {
    server,
    client,
    close: async () => {
      client.close();
      await server.shutdown(0);
    },
  };
}

const plainHandlers = {
  say: unary((request: Echo): Echo => request),
  list: serverStream(async function* ({ text }: Echo): AsyncGenerator<Echo> {
    for (const word of text.split(' ')) yield { text: word };
  }),
  collect: clientStream(async (requests: AsyncIterable<Echo>): Promise<Echo> => {
    const words: string[] = [];
    for await (const { text } of requests) words.push(text);
    return { text: words.join(' ') };
  }),
  chat: bidiStream(async function* (requests: AsyncIterable<Echo>): AsyncGenerator<Echo> {
    for await (const { text } of requests) yield { text: text.toUpperCase() };
  }),
};

/** Polls until the condition holds; throws after the deadline. */
export async function until(condition: () => boolean, deadlineMs = 5000): Promise<void> {
  const endMs = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error('The awaited condition did not come true.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
