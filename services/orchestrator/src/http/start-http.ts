import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AvdError, type ErrorKind } from '@avd/domain';
import { toPublicError } from '@avd/rpc';
import type { Logger } from '@avd/telemetry';
import { routeRequest, type HttpDeps } from './routes.js';

export interface StartHttpOptions extends HttpDeps {
  /** Port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  readonly logger: Logger;
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

const STATUS_OF_KIND: Readonly<Partial<Record<ErrorKind, number>>> = {
  invalidInput: 400,
  permissionDenied: 403,
  notFound: 404,
  precondition: 409,
  unavailable: 503,
  resourceExhausted: 503,
};

/**
 * Serves pages for people: the jobs, each with its progress and report. Disposing cuts running answers.
 * @throws AvdError precondition ADDRESS_IN_USE
 */
export async function startHttp(options: StartHttpOptions): Promise<HttpServer> {
  const { address, logger } = options;
  const stopping = new AbortController();
  const server = createServer((request, response) => {
    void answer(request, response, options, stopping.signal).catch((error: unknown) =>
      logger.error('an HTTP request was not answered', { error }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options.address)));
    server.listen(address.port, address.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      stopping.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: StartHttpOptions,
  stopping: AbortSignal,
): Promise<void> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([stopping, leaving.signal]);
  response.once('close', () => leaving.abort());
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  try {
    await routeRequest(request, response, options, signal);
  } catch (error) {
    if (signal.aborted) return;
    const known = toPublicError(error);
    if (known.kind === 'internal') {
      options.logger.error('an HTTP request failed', { error: known.cause ?? known });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.writeHead(STATUS_OF_KIND[known.kind] ?? 500, {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Security-Policy': "default-src 'none'",
    });
    response.end(`${known.message}\n`);
  }
}

function listenError(
  error: NodeJS.ErrnoException,
  { host, port }: StartHttpOptions['address'],
): AvdError {
  if (error.code !== 'EADDRINUSE') return AvdError.from(error);
  const message = `The address ${host}:${port} is taken; choose another one (AVD_HTTP_ADDRESS).`;
  return new AvdError('precondition', 'ADDRESS_IN_USE', message, { cause: error });
}
