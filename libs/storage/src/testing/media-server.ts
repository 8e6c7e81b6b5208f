import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file on the server; change it between requests to play another version or a fault. */
export interface ServedFile {
  bytes: Uint8Array;
  etag?: string;
  lastModified?: string;
  /** Answered in place of the file. */
  statusCode?: number;
  /** Target of a redirect (302). */
  location?: string;
  /** The connection is cut after so many body bytes, once for each number, from the front. */
  cutAfterBytes?: number[];
  /** The body stops after so many bytes, and the connection stays open. */
  stallAfterBytes?: number;
  /** Without a length, so that the end is only the end of the connection. */
  isChunked?: boolean;
}

export interface MediaTestServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  /** For `allowedHosts`. */
  readonly host: string;
  readonly files: Map<string, ServedFile>;
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[];
}

/** A web server on a free loopback port with Range, If-Range, If-None-Match and If-Modified-Since. */
export async function startMediaTestServer(): Promise<MediaTestServer> {
  const files = new Map<string, ServedFile>();
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]!;
    const { headers } = request;
    requests.push({ path, headers });
    const file = files.get(path);
    if (file === undefined || file.statusCode !== undefined) {
      response.writeHead(file?.statusCode ?? 404).end();
      return;
    }
    if (file.location !== undefined) {
      response.writeHead(302, { location: file.location }).end();
      return;
    }
    const { bytes, etag, lastModified } = file;
    const isKnown =
      (etag !== undefined && headers['if-none-match'] === etag) ||
      (lastModified !== undefined && headers['if-modified-since'] === lastModified);
    if (isKnown) {
      response.writeHead(304).end();
      return;
    }
    const ifRange = headers['if-range'];
    const isSame = ifRange === undefined || ifRange === etag || ifRange === lastModified;
    const wanted = isSame ? /^bytes=(\d+)-$/.exec(headers.range ?? '') : null;
    const startByte = Number(wanted?.[1] ?? 0);
    if (wanted !== null && startByte >= bytes.length) {
      response.writeHead(416).end();
      return;
    }
    const part = bytes.subarray(startByte);
    response.writeHead(wanted === null ? 200 : 206, {
      ...(file.isChunked === true ? {} : { 'content-length': part.length }),
      ...(etag === undefined ? {} : { etag }),
      ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
      ...(wanted === null
        ? {}
        : { 'content-range': `bytes ${startByte}-${bytes.length - 1}/${bytes.length}` }),
    });
    const cutAfterBytes = file.cutAfterBytes?.shift();
    if (cutAfterBytes !== undefined) {
      response.write(part.subarray(0, cutAfterBytes), () => response.destroy());
    } else if (file.stallAfterBytes !== undefined) {
      response.write(part.subarray(0, file.stallAfterBytes));
    } else {
      response.end(part);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    files,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
