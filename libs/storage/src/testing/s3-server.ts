import { createHash } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface S3TestObject {
  bytes: Uint8Array;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Faults of the server; each holds until it is set back. */
export interface S3TestFaults {
  /** Every connection is cut without an answer. */
  isDown: boolean;
  /** Answers to the next requests, e.g. `{ statusCode: 503, code: 'SlowDown' }`, taken from the front. */
  readonly answers: { readonly statusCode: number; readonly code: string }[];
  /** The bodies of the next reads are cut after so many bytes, taken from the front. */
  readonly cutBodiesAfterBytes: number[];
}

export interface S3TestServer extends AsyncDisposable {
  readonly endpoint: string;
  /** By `bucket/key`. */
  readonly objects: Map<string, S3TestObject>;
  /** `METHOD bucket/key?query` of every request that was answered, in order. */
  readonly requests: string[];
  readonly faults: S3TestFaults;
  /** Multipart uploads neither finished nor given up. */
  readonly openUploads: () => number;
}

class S3Failure extends Error {
  readonly statusCode: number;
  readonly code: string;
  constructor(statusCode: number, code: string) {
    super(code);
    this.statusCode = statusCode;
    this.code = code;
  }
}

interface Upload {
  readonly name: string;
  readonly contentType: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Uint8Array>;
}

/**
 * A small S3 server in this process, on a free loopback port: PutObject, GetObject with Range and If-Match,
 * HeadObject, DeleteObject, multipart uploads, XML errors, path style only. It demands a Signature V4 header
 * (without checking the signature) and checks the body against `x-amz-content-sha256`.
 *
 * @param buckets the buckets there are
 */
export async function startS3TestServer(buckets: readonly string[]): Promise<S3TestServer> {
  const objects = new Map<string, S3TestObject>();
  const uploads = new Map<string, Upload>();
  const requests: string[] = [];
  const faults: S3TestFaults = { isDown: false, answers: [], cutBodiesAfterBytes: [] };
  let uploadCount = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', 'http://s3.test');
    const name = decodeURIComponent(url.pathname.slice(1));
    const query = url.searchParams;
    requests.push(`${request.method ?? ''} ${name}${url.search}`);
    const planned = faults.answers.shift();
    if (planned !== undefined) throw new S3Failure(planned.statusCode, planned.code);
    checkSignature(request, body);
    if (!buckets.includes(name.split('/')[0]!)) throw new S3Failure(404, 'NoSuchBucket');
    const object = objects.get(name);
    const uploadId = query.get('uploadId');
    const upload = uploadId === null ? undefined : uploads.get(uploadId);
    if (uploadId !== null && upload === undefined) throw new S3Failure(404, 'NoSuchUpload');

    if (request.method === 'POST' && query.has('uploads')) {
      const id = `upload-${(uploadCount += 1)}`;
      uploads.set(id, { name, ...describeObject(request), parts: new Map() });
      const xml = `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`;
      sendXml(response, 200, xml);
    } else if (request.method === 'PUT' && upload !== undefined) {
      upload.parts.set(Number(query.get('partNumber')), body);
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else if (request.method === 'POST' && upload !== undefined) {
      const wanted = [...body.toString('utf8').matchAll(/<PartNumber>(\d+)</g)].map((m) =>
        Number(m[1]),
      );
      const parts = wanted.map((number) => upload.parts.get(number));
      if (parts.length === 0 || parts.includes(undefined)) throw new S3Failure(400, 'InvalidPart');
      const bytes = Buffer.concat(parts as Uint8Array[]);
      objects.set(upload.name, { ...upload, bytes });
      uploads.delete(uploadId!);
      const etag = `"${createHash('md5').update(bytes).digest('hex')}-${parts.length}"`;
      const xml = `<CompleteMultipartUploadResult><ETag>${etag}</ETag></CompleteMultipartUploadResult>`;
      sendXml(response, 200, xml);
    } else if (request.method === 'DELETE' && upload !== undefined) {
      uploads.delete(uploadId!);
      response.writeHead(204).end();
    } else if (request.method === 'PUT') {
      objects.set(name, { bytes: body, ...describeObject(request) });
      response.writeHead(200, { etag: etagOf(body) }).end();
    } else if (request.method === 'DELETE') {
      objects.delete(name);
      response.writeHead(204).end();
    } else if (object === undefined) {
      throw new S3Failure(404, 'NoSuchKey');
    } else {
      sendObject(request, response, object, faults);
    }
  };
  const listener: RequestListener = (request, response) => {
    if (faults.isDown) {
      request.destroy();
      return;
    }
    answer(request, response).catch((error: unknown) => {
      const { statusCode, code } =
        error instanceof S3Failure ? error : new S3Failure(500, 'InternalError');
      if (request.method === 'HEAD') response.writeHead(statusCode).end();
      else sendXml(response, statusCode, `<Error><Code>${code}</Code></Error>`);
    });
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    requests,
    faults,
    openUploads: () => uploads.size,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function checkSignature(request: IncomingMessage, body: Uint8Array): void {
  const { authorization = '' } = request.headers;
  const signed =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[^/]+\/s3\/aws4_request, SignedHeaders=\S+, Signature=[0-9a-f]{64}$/;
  if (!signed.test(authorization)) throw new S3Failure(403, 'AccessDenied');
  const digest = request.headers['x-amz-content-sha256'];
  if (digest === 'UNSIGNED-PAYLOAD') return;
  if (digest !== createHash('sha256').update(body).digest('hex')) {
    throw new S3Failure(400, 'XAmzContentSHA256Mismatch');
  }
}

function describeObject(request: IncomingMessage): Omit<S3TestObject, 'bytes'> {
  const metadata = Object.entries(request.headers)
    .filter(([name]) => name.startsWith('x-amz-meta-'))
    .map(([name, value]) => [name.slice('x-amz-meta-'.length), String(value)] as const);
  const contentType = request.headers['content-type'] ?? 'binary/octet-stream';
  return { contentType, metadata: Object.fromEntries(metadata) };
}

function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: S3TestObject,
  faults: S3TestFaults,
): void {
  const { bytes } = object;
  const etag = etagOf(bytes);
  const ifMatch = request.headers['if-match'];
  if (ifMatch !== undefined && ifMatch !== etag) throw new S3Failure(412, 'PreconditionFailed');
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const startByte = range === null ? 0 : Number(range[1]);
  const endByte = range?.[2] ? Math.min(Number(range[2]) + 1, bytes.length) : bytes.length;
  if (range !== null && startByte >= bytes.length) throw new S3Failure(416, 'InvalidRange');
  const part = bytes.subarray(startByte, endByte);
  response.writeHead(range === null ? 200 : 206, {
    'content-length': part.length,
    'content-type': object.contentType,
    etag,
    ...(range === null
      ? {}
      : { 'content-range': `bytes ${startByte}-${endByte - 1}/${bytes.length}` }),
    ...Object.fromEntries(
      Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
    ),
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const cutAfterBytes = faults.cutBodiesAfterBytes.shift();
  if (cutAfterBytes === undefined) response.end(part);
  else response.write(part.subarray(0, cutAfterBytes), () => response.destroy());
}

function sendXml(response: ServerResponse, statusCode: number, xml: string): void {
  response
    .writeHead(statusCode, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}
