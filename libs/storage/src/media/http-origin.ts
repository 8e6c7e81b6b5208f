import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { AvdError } from '@avd/domain';
import { abortable } from '../abortable.js';
import { cancelledError } from '../blob-errors.js';
import { checkedAddresses, checkHost, type HostAddress, type HostPolicy } from './host-policy.js';
import { mediaError, mediaNotFound, mediaUnavailable, shownUri } from './media-errors.js';
import type { MediaOrigin, MediaPart } from './media-origin.js';

export interface HttpOriginOptions extends HostPolicy {
  /** Silence of the server after which the connection has failed. @default 30 */
  readonly idleTimeoutSec?: number;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A medium behind http:// or https://; every hop of a redirect is held to the same policy. */
export function httpOrigin(uri: URL, options: HttpOriginOptions): MediaOrigin {
  const shown = shownUri(uri);
  return {
    async open({ startByte, validator, unlessValidator }, signal) {
      const headers: Record<string, string> = { 'accept-encoding': 'identity' };
      if (startByte > 0 && validator !== undefined) {
        headers['range'] = `bytes=${startByte}-`;
        headers['if-range'] = validator;
      } else if (unlessValidator !== undefined) {
        const name = unlessValidator.startsWith('"') ? 'if-none-match' : 'if-modified-since';
        headers[name] = unlessValidator;
      }
      let response = await follow(uri, headers, options, signal);
      if (response.statusCode === 416) {
        // Longer than the medium now is: from the beginning.
        response.destroy();
        response = await follow(uri, { 'accept-encoding': 'identity' }, options, signal);
      }
      if (response.statusCode === 304 && unlessValidator !== undefined) {
        response.destroy();
        return 'unchanged';
      }
      if (response.statusCode !== 200 && response.statusCode !== 206) {
        response.destroy();
        throw statusError(response.statusCode ?? 0, shown);
      }
      return readPart(response, shown, signal);
    },
  };
}

function readPart(response: IncomingMessage, shown: string, signal: AbortSignal): MediaPart {
  const { etag, 'last-modified': lastModified } = response.headers;
  const encoding = response.headers['content-encoding'] ?? 'identity';
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '');
  if (encoding !== 'identity' || (response.statusCode === 206 && range === null)) {
    response.destroy();
    const message = `The server of ${shown} answers in a form that is not understood.`;
    throw mediaError('MEDIA_REFUSED', message);
  }
  const sizeBytes = Number(response.headers['content-length'] ?? Number.NaN);
  const rangeBytes = Number(range?.[2] ?? Number.NaN);
  const totalBytes = range === null ? sizeBytes : rangeBytes;
  return {
    startByte: range === null ? 0 : Number(range[1]),
    totalBytes: Number.isSafeInteger(totalBytes) ? totalBytes : undefined,
    // A weak tag does not promise the same bytes.
    validator: etag?.startsWith('"') === true ? etag : lastModified,
    pieces: readBody(response, shown, signal),
  };
}

async function* readBody(
  response: IncomingMessage,
  shown: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* abortable(response as AsyncIterable<Buffer>, signal);
  } catch (error) {
    throw error instanceof AvdError ? error : mediaUnavailable(shown, error);
  } finally {
    response.destroy();
  }
}

async function follow(
  uri: URL,
  headers: Readonly<Record<string, string>>,
  options: HttpOriginOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let url = uri;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    checkHost(url, options);
    const addresses = await checkedAddresses(url, options);
    const response = await send(url, addresses, headers, options, signal);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return response;
    response.destroy();
    url = redirectTarget(url, response.headers.location);
  }
  const message = `${shownUri(uri)} leads on more than ${MAX_REDIRECTS} times; name the place of the medium itself.`;
  throw mediaError('MEDIA_REDIRECT_INVALID', message);
}

function redirectTarget(from: URL, location: string | undefined): URL {
  if (location !== undefined && URL.canParse(location, from.href)) {
    const target = new URL(location, from.href);
    const isWeb = target.protocol === 'https:' || target.protocol === 'http:';
    const isDowngrade = from.protocol === 'https:' && target.protocol === 'http:';
    if (isWeb && !isDowngrade) return target;
  }
  const message = `${shownUri(from)} leads on to a place that may not be used.`;
  throw mediaError('MEDIA_REDIRECT_INVALID', message);
}

function send(
  url: URL,
  addresses: readonly HostAddress[],
  headers: Readonly<Record<string, string>>,
  options: HttpOriginOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  // Only the checked addresses, whatever the resolver would say now.
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    if (all === true) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      // A connection of its own: a pooled one may lead to an address checked for someone else.
      agent: false,
      headers,
      lookup,
      signal,
    });
    const idleMs = (options.idleTimeoutSec ?? 30) * 1000;
    request.setTimeout(idleMs, () => request.destroy(new Error('The server is silent.')));
    request.on('response', resolve);
    request.on('error', (error) => {
      reject(signal.aborted ? cancelledError(signal) : mediaUnavailable(shownUri(url), error));
    });
    request.end();
  });
}

function statusError(statusCode: number, shown: string): AvdError {
  if (statusCode === 404 || statusCode === 410) return mediaNotFound(shown);
  if (statusCode === 401 || statusCode === 403) {
    const message = `The server does not give ${shown} away (status ${statusCode}); check the link.`;
    return mediaError('MEDIA_ACCESS_DENIED', message);
  }
  if (statusCode >= 500 || statusCode === 429 || statusCode === 408) {
    return mediaUnavailable(shown, new Error(`HTTP status ${statusCode}`));
  }
  const message = `The server of ${shown} refuses with status ${statusCode}; check the link.`;
  return mediaError('MEDIA_REFUSED', message);
}
