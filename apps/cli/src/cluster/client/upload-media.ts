import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import type { JobEvent } from '../../progress/reporter.js';
import { pause } from '../processes/pause.js';
import { CALL_LIMIT_SEC, type MediaClient } from './connect.js';

export interface UploadOptions {
  readonly signal: AbortSignal;
  readonly onEvent: (event: JobEvent) => void;
  /** A UUID. @default one made of the file's name and bytes, so that a later run goes on, or finds the file there */
  readonly requestId?: string;
  /** How long a server may be away in the middle. @default 120 */
  readonly awayLimitSec?: number;
}

const CHUNK_BYTES = 512 * 1024;
const RETRY_MS = 500;

/**
 * Sends a file to the server, from where an earlier attempt stopped.
 * @returns the name of the uploaded file, `media/…`
 * @throws AvdError
 */
export async function uploadMedia(
  media: MediaClient,
  file: string,
  { signal, onEvent, requestId, awayLimitSec = 120 }: UploadOptions,
): Promise<string> {
  const { size: sizeBytes } = await stat(file);
  const sha256 = await digestOf(file, signal);
  const fileName = path.basename(file);
  const spec = {
    requestId: requestId ?? uuidOf(`${fileName}\n${sha256}`),
    ...{ fileName, contentType: '', sizeBytes, sha256 },
  };
  const startedMs = performance.now();
  const toKib = (bytes: number): number => Math.ceil(bytes / 1024);
  const report = (bytes: number): void => {
    const [done, total] = [toKib(bytes), toKib(sizeBytes)];
    onEvent({ type: 'progress', step: 'upload', done, total, unit: 'KiB' });
  };
  let isKnown = false;
  let awaySinceMs: number | undefined;
  for (;;) {
    try {
      const committedBytes = await committed(media, spec.requestId, signal);
      isKnown = true;
      const onSent = (sentBytes: number): void => {
        awaySinceMs = undefined;
        report(sentBytes);
      };
      const upload = await media.upload(
        'uploadMedia',
        uploadMessages(file, spec, committedBytes, onSent, signal),
        { signal },
      );
      if (upload.media !== undefined) {
        const elapsedSec = (performance.now() - startedMs) / 1000;
        onEvent({ type: 'step', step: 'upload', tasks: 1, reused: 0, elapsedSec });
        return upload.media.name;
      }
    } catch (error) {
      if (!isKnown || AvdError.from(error).kind !== 'unavailable') throw error;
      awaySinceMs ??= performance.now();
      if (performance.now() - awaySinceMs > awayLimitSec * 1000) throw error;
    }
    await pause(RETRY_MS, signal);
  }
}

/** Bytes that the server has already; 0 for an upload that it does not know. */
async function committed(
  media: MediaClient,
  requestId: string,
  signal: AbortSignal,
): Promise<number> {
  try {
    const request = { name: `uploads/${requestId}` };
    const options = { signal, deadlineSec: CALL_LIMIT_SEC };
    const { committedSizeBytes } = await media.call('getUpload', request, options);
    return committedSizeBytes;
  } catch (error) {
    if (AvdError.from(error).reason === 'UPLOAD_NOT_FOUND') return 0;
    throw error;
  }
}

async function* uploadMessages(
  file: string,
  spec: diarizationV1.UploadSpec,
  startByte: number,
  onSent: (sentBytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<diarizationV1.UploadMediaRequest, void, undefined> {
  const message = (
    data: diarizationV1.UploadMediaRequest['data'],
    writeOffset: number,
    finish: boolean,
  ): diarizationV1.UploadMediaRequest => ({ data, writeOffset, finish });
  yield message({ $case: 'spec', value: spec }, 0, false);
  let offsetBytes = startByte;
  const bytes = createReadStream(file, { start: startByte, highWaterMark: CHUNK_BYTES, signal });
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    yield message({ $case: 'chunk', value: chunk }, offsetBytes, false);
    offsetBytes += chunk.length;
    onSent(offsetBytes);
  }
  yield message({ $case: 'chunk', value: Buffer.alloc(0) }, offsetBytes, true);
}

async function digestOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { signal })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** A UUID (version 8, RFC 9562) that is the same for the same text. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const variant = ((parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
