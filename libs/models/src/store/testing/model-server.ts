import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What the server does with a request: `right` sends what is asked for; `drop` breaks off in the middle; `whole` knows no
 * ranges; `drop whole` does both; `wrong` sends another file of the same size; `silent` sends half and then nothing;
 * `huge` announces more than a disk holds; a number is an HTTP status.
 */
export type Behaviour =
  'right' | 'drop' | 'whole' | 'drop whole' | 'wrong' | 'silent' | 'huge' | number;

export interface ModelServer extends AsyncDisposable {
  /** Ends with a slash. */
  readonly url: string;
  /** Path and range of every request so far. */
  readonly requests: readonly string[];
}

/**
 * Serves files on this computer, badly.
 * @param files content by path
 * @param script what to do with the first request for a file that exists, the second, and so on; then `right`
 */
export async function startModelServer(
  files: Readonly<Record<string, Uint8Array>>,
  script: readonly Behaviour[] = [],
): Promise<ModelServer> {
  const requests: string[] = [];
  let answered = 0;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').slice(1);
    const range = request.headers.range;
    requests.push(range === undefined ? path : `${path} ${range}`);
    const content = files[path];
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    answer(response, content, range, script[answered++] ?? 'right');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  response: ServerResponse,
  content: Uint8Array,
  range: string | undefined,
  behaviour: Behaviour,
): void {
  if (typeof behaviour === 'number') {
    response.writeHead(behaviour, { 'retry-after': '0' }).end('<html>no</html>');
    return;
  }
  const isWhole = range === undefined || behaviour.endsWith('whole');
  const start = isWhole ? 0 : Number(/\d+/.exec(range)![0]);
  if (start >= content.length) {
    response.writeHead(416).end();
    return;
  }
  const body = behaviour === 'wrong' ? content.map((byte) => ~byte) : content;
  response.writeHead(isWhole ? 200 : 206, {
    'content-length': behaviour === 'huge' ? 2 ** 52 : content.length - start,
    ...(isWhole
      ? {}
      : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
  });
  const half = start + Math.floor((content.length - start) / 2);
  if (behaviour.startsWith('drop')) {
    response.write(body.subarray(start, half), () => response.destroy());
  } else if (behaviour === 'silent') {
    response.write(body.subarray(start, half));
  } else {
    response.end(body.subarray(start));
  }
}
