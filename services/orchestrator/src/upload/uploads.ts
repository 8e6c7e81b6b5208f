import { createHash } from 'node:crypto';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';
import { apiError } from '../api/api-errors.js';
import type { MediaCatalogue, UploadedMedia } from './media-catalogue.js';
import { digestMismatch, sizeMismatch, uploadBusy, uploadNotFound } from './upload-errors.js';
import { UploadParts } from './upload-parts.js';
import {
  committedBytes,
  UploadRecords,
  type StoredUpload,
  type UploadRecord,
  type UploadSpec,
  type UploadStore,
} from './upload-record.js';
import { needUpload, UploadSession } from './upload-session.js';

export interface UploadsOptions {
  readonly store: UploadStore;
  readonly blobs: BlobStore;
  readonly catalogue: MediaCatalogue;
  readonly maxUploadBytes: number;
  /** Bytes that are gathered before they are stored; the same in every orchestrator. @default 8 MiB */
  readonly partBytes?: number;
}

/** An upload that nothing is heard of for so long is forgotten. */
export const UPLOAD_TTL_SEC = 24 * 3600;
const DEFAULT_PART_BYTES = 8 * 2 ** 20;
/** The list of parts must fit into one message of NATS (1 MiB). */
const MAX_PARTS = 6000;
const DEFAULT_TYPE = 'application/octet-stream';
const MAX_TRIES = 5;

/** Files on their way in. Nothing of them is in this process: any orchestrator goes on with any upload. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #records: UploadRecords;
  readonly #partBytes: number;

  constructor(options: UploadsOptions) {
    this.#options = options;
    this.#records = new UploadRecords(options.store);
    this.#partBytes =
      options.partBytes ??
      Math.max(DEFAULT_PART_BYTES, Math.ceil(options.maxUploadBytes / MAX_PARTS));
  }

  /** @throws AvdError notFound UPLOAD_NOT_FOUND */
  async need(requestId: string): Promise<UploadRecord> {
    const stored = await this.#records.get(requestId);
    if (stored === undefined) throw uploadNotFound(requestId);
    return stored.record;
  }

  /**
   * A new upload, or the earlier one with this id.
   * @throws AvdError invalidInput REQUEST_ID_REUSED when that one was announced differently
   */
  async begin(requestId: string, spec: UploadSpec): Promise<StoredUpload> {
    const now = new Date().toISOString();
    const fresh = { requestId, spec, createTime: now, updateTime: now, parts: [] };
    const stored =
      (await this.#records.get(requestId)) ??
      (await this.#records.create(fresh)) ??
      (await needUpload(this.#records, requestId));
    if (!isSameSpec(stored.record.spec, spec)) {
      throw apiError(
        'invalidInput',
        'REQUEST_ID_REUSED',
        'The request_id was used for another file; choose a new one.',
        { field: 'spec.request_id' },
      );
    }
    return stored;
  }

  open(stored: StoredUpload, signal: AbortSignal): Promise<UploadSession> {
    const { blobs, maxUploadBytes } = this.#options;
    const partBytes = this.#partBytes;
    const records = this.#records;
    return UploadSession.open({ records, blobs, maxUploadBytes, partBytes }, stored, signal);
  }

  /**
   * Makes one blob of all parts. A crash at any point is made good by another call.
   * @throws AvdError invalidInput SIZE_MISMATCH, DIGEST_MISMATCH (the upload is then forgotten)
   */
  async finish(requestId: string, signal: AbortSignal): Promise<UploadRecord> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const stored = await needUpload(this.#records, requestId);
      if (stored.record.media !== undefined) return stored.record;
      const finished = await this.#tryToFinish(stored, signal);
      if (finished !== undefined) return finished;
    }
    throw uploadBusy(requestId);
  }

  /** Forgets uploads that nothing was heard of for 24 h, with their parts; complete files stay. */
  async removeExpired(nowMs: number = Date.now()): Promise<void> {
    for (const requestId of await this.#records.requestIds()) {
      const stored = await this.#records.get(requestId);
      if (stored === undefined || expireTimeOf(stored.record).getTime() > nowMs) continue;
      await this.#forget(stored.record);
    }
  }

  /** @returns undefined when another stream has got in the way */
  async #tryToFinish(stored: StoredUpload, signal: AbortSignal): Promise<UploadRecord | undefined> {
    const { record } = stored;
    const { requestId, spec, parts } = record;
    const sizeBytes = committedBytes(record);
    if (spec.sizeBytes > 0 && spec.sizeBytes !== sizeBytes) {
      throw sizeMismatch(spec.sizeBytes, sizeBytes);
    }
    const { blobs, catalogue } = this.#options;
    const files = new UploadParts(blobs, requestId);
    let blob: UploadedMedia['blob'];
    try {
      const bytes = checked(files.readAll(parts, signal), spec.sha256);
      blob = await blobs.put(bytes, spec.contentType || DEFAULT_TYPE, signal);
    } catch (error) {
      const { reason, kind } = AvdError.from(error);
      if (reason === 'DIGEST_MISMATCH') await this.#forget(record);
      else if (kind === 'notFound') return undefined; // a part was replaced or the upload is complete
      throw error;
    }
    const { fileName, contentType } = spec;
    const now = new Date().toISOString();
    const media = { blob, fileName, contentType, createTime: now };
    await catalogue.put(media, signal);
    const complete = { ...record, updateTime: now, parts: [], media };
    const updated = await this.#records.update(stored, complete);
    if (updated === undefined) return undefined;
    await files.delete(parts);
    return updated.record;
  }

  async #forget({ requestId, parts }: UploadRecord): Promise<void> {
    await new UploadParts(this.#options.blobs, requestId).delete(parts);
    await this.#records.delete(requestId);
  }
}

/** When an upload is forgotten. */
export function expireTimeOf({ updateTime }: UploadRecord): Date {
  return new Date(Date.parse(updateTime) + UPLOAD_TTL_SEC * 1000);
}

function isSameSpec(a: UploadSpec, b: UploadSpec): boolean {
  return (
    a.fileName === b.fileName &&
    a.contentType === b.contentType &&
    a.sizeBytes === b.sizeBytes &&
    a.sha256 === b.sha256
  );
}

/** The same bytes; fails before their end is known to whoever stores them, so that a wrong file is never stored. */
async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  sha256: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash('sha256');
  for await (const piece of bytes) {
    hash.update(piece);
    yield piece;
  }
  if (sha256 !== '' && hash.digest('hex') !== sha256) throw digestMismatch();
}
