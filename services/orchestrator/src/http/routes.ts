import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { recordingType, AvdError } from '@avd/domain';
import type { FollowDeps } from '../api/follow-job.js';
import { listJobs } from '../api/list-jobs.js';
import { isJobId } from '../api/names.js';
import type { JobRecord } from '../job/job-record.js';
import { parseRange } from './byte-range.js';
import { progressView, sendJobEvents } from './job-events.js';
import { listPage, progressPage } from './job-pages.js';
import type { Page } from './page.js';
import type { OpenRecording } from './recording.js';
import { reportPage, type ReportPageOptions } from './report-page.js';

export interface HttpDeps extends FollowDeps, ReportPageOptions {
  readonly openRecording: OpenRecording;
  /** @default always healthy */
  readonly isHealthy?: () => boolean;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly deps: HttpDeps;
  readonly signal: AbortSignal;
}

const PAGE_SIZE = 100;
/** For bytes that no page is made of. */
const NO_PAGE_POLICY = "default-src 'none'; sandbox";

/**
 * Answers one request. Nothing can be asked for but what a job's record names.
 * @throws AvdError notFound for any other path; those of the stores
 */
export async function routeRequest(
  request: IncomingMessage,
  response: ServerResponse,
  deps: HttpDeps,
  signal: AbortSignal,
): Promise<void> {
  const call = { request, response, deps, signal };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    return;
  }
  const url = new URL(request.url ?? '/', 'http://localhost');
  const [first, id = '', part, ...rest] = url.pathname.slice(1).split('/').map(decode);
  if (first === 'healthz' && id === '') return sendHealth(call);
  if (first === '') {
    response.writeHead(302, { Location: '/jobs' }).end();
    return;
  }
  if (first !== 'jobs') throw nothingHere();
  if (id === '') {
    const pageToken = url.searchParams.get('page') ?? '';
    const page = await listJobs(deps.jobs, { pageSize: PAGE_SIZE, pageToken, filter: '' });
    return sendPage(call, listPage(page));
  }
  if (!isJobId(id)) throw nothingHere();
  const { record } = await deps.jobs.need(id);
  if (part === undefined) return sendJobPage(call, record);
  if (part === 'media' && rest.length === 0) return sendRecording(call, record);
  if (part === 'events' && rest.length === 0) return sendEvents(call, id);
  if (part === 'files' && rest.length === 1) return sendFile(call, record, rest[0]!);
  throw nothingHere();
}

function sendHealth({ response, deps }: Call): void {
  const isHealthy = deps.isHealthy?.() ?? true;
  response.writeHead(isHealthy ? 200 : 503, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(isHealthy ? 'ok\n' : 'not ready\n');
}

async function sendJobPage(call: Call, record: JobRecord): Promise<void> {
  const { live } = call.deps;
  const page =
    record.state === 'succeeded'
      ? await reportPage(record, call.deps, call.signal)
      : progressPage(record, progressView(record, live));
  sendPage(call, page);
}

function sendPage({ response }: Call, { html, policy }: Page): void {
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': policy,
    'Cache-Control': 'no-store',
  });
  response.end(html);
}

async function sendEvents({ request, response, deps, signal }: Call, id: string): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    // Proxies must not gather the events.
    'X-Accel-Buffering': 'no',
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendJobEvents(id, deps, response, signal);
}

async function sendRecording(
  { request, response, deps, signal }: Call,
  record: JobRecord,
): Promise<void> {
  await using recording = await deps.openRecording(record, signal);
  const { sizeBytes } = recording;
  const range = parseRange(request.headers.range, sizeBytes);
  const headers = {
    'Content-Type': recordingType(record.fileName) || 'application/octet-stream',
    'Content-Security-Policy': NO_PAGE_POLICY,
    'Accept-Ranges': 'bytes',
  };
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'Content-Range': `bytes */${sizeBytes}` }).end();
    return;
  }
  const { startByte, endByte } = range ?? { startByte: 0, endByte: sizeBytes };
  response.writeHead(range === undefined ? 200 : 206, {
    ...headers,
    'Content-Length': endByte - startByte,
    ...(range !== undefined && {
      'Content-Range': `bytes ${startByte}-${endByte - 1}/${sizeBytes}`,
    }),
  });
  if (request.method === 'HEAD') response.end();
  else await sendBytes(recording.read(startByte, endByte), response, signal);
}

async function sendFile(
  { request, response, deps, signal }: Call,
  { files }: JobRecord,
  name: string,
): Promise<void> {
  const ref = files !== undefined && Object.hasOwn(files, name) ? files[name] : undefined;
  if (ref === undefined) throw nothingHere();
  const bytes = deps.blobs.open(ref.sha256, signal);
  response.writeHead(200, {
    'Content-Type': ref.mediaType,
    'Content-Length': ref.sizeBytes,
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeName(name)}`,
    'Content-Security-Policy': NO_PAGE_POLICY,
  });
  if (request.method === 'HEAD') response.end();
  else await sendBytes(bytes, response, signal);
}

async function sendBytes(
  bytes: AsyncIterable<Uint8Array>,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  await pipeline(Readable.from(bytes, { objectMode: false }), response, { signal });
}

function encodeName(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw nothingHere();
  }
}

function nothingHere(): AvdError {
  return new AvdError('notFound', 'PAGE_NOT_FOUND', 'There is nothing at this address.');
}
