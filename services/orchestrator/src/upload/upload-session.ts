import type { BlobStore } from '@avd/stage-kit';
import { AvdError } from '@avd/domain';
import {
  badWriteOffset,
  mediaTooLarge,
  sizeMismatch,
  uploadBusy,
  uploadNotFound,
} from './upload-errors.js';
import { UploadParts } from './upload-parts.js';
import {
  bytesOf,
  type StoredUpload,
  type UploadPart,
  type UploadRecord,
  type UploadRecords,
} from './upload-record.js';

/** Tries of a step that another stream of the same upload gets in the way of. */
const MAX_TRIES = 8;

export interface UploadSessionOptions {
  readonly records: UploadRecords;
  readonly blobs: BlobStore;
  readonly maxUploadBytes: number;
  /** Bytes that are gathered before they are stored. */
  readonly partBytes: number;
}

/**
 * One stream's view of an upload: gathers pieces into parts and stores them. Several streams may feed one upload (the
 * client has come back while the server still waits for the old stream): each stores what is new of its own, since all
 * send the same file.
 */
export class UploadSession {
  readonly #options: UploadSessionOptions;
  readonly #parts: UploadParts;
  #stored: StoredUpload;
  /** Bytes of the file from `#startByte`, which is where a part begins. */
  #gathered: Uint8Array[];
  #startByte: number;
  #endByte: number;

  private constructor(
    options: UploadSessionOptions,
    parts: UploadParts,
    stored: StoredUpload,
    tail: Uint8Array,
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#stored = stored;
    this.#endByte = bytesOf(stored.record.parts);
    this.#startByte = this.#endByte - tail.length;
    this.#gathered = tail.length === 0 ? [] : [tail];
  }

  /** Goes on with an upload where it stands; a last part that is not full yet is taken up again. */
  static async open(
    options: UploadSessionOptions,
    upload: StoredUpload,
    signal: AbortSignal,
  ): Promise<UploadSession> {
    const { requestId } = upload.record;
    const parts = new UploadParts(options.blobs, requestId);
    let stored = upload;
    for (let tries = 1; ; tries++) {
      const last = stored.record.parts.at(-1);
      const isOpen = last !== undefined && last.sizeBytes < options.partBytes;
      try {
        const tail = isOpen ? await parts.read(last, signal) : new Uint8Array(0);
        return new UploadSession(options, parts, stored, tail);
      } catch (error) {
        // Another stream has just replaced this part by a longer one.
        if (AvdError.from(error).kind !== 'notFound' || tries === MAX_TRIES) throw error;
        stored = await needUpload(options.records, requestId);
      }
    }
  }

  /** The upload as it is stored. */
  get upload(): StoredUpload {
    return this.#stored;
  }

  /**
   * Takes the next piece; bytes sent twice are left out.
   * @throws AvdError invalidInput BAD_WRITE_OFFSET, MEDIA_TOO_LARGE, SIZE_MISMATCH
   */
  async add(chunk: Uint8Array, writeOffset: number, signal: AbortSignal): Promise<void> {
    if (writeOffset < 0 || writeOffset > this.#endByte) {
      throw badWriteOffset(writeOffset, this.#endByte);
    }
    let fresh = chunk.subarray(Math.min(chunk.length, this.#endByte - writeOffset));
    const { sizeBytes } = this.#stored.record.spec;
    const { maxUploadBytes, partBytes } = this.#options;
    const endByte = this.#endByte + fresh.length;
    if (endByte > maxUploadBytes) throw mediaTooLarge(maxUploadBytes);
    if (sizeBytes > 0 && endByte > sizeBytes) throw sizeMismatch(sizeBytes, endByte);
    while (fresh.length > 0) {
      const piece = fresh.subarray(0, this.#startByte + partBytes - this.#endByte);
      // Copied: a piece is a view of the message, which would be kept with it.
      this.#gathered.push(piece.slice());
      this.#endByte += piece.length;
      fresh = fresh.subarray(piece.length);
      if (this.#endByte - this.#startByte === partBytes) await this.flush(signal);
    }
  }

  /** Stores what was gathered. */
  async flush(signal?: AbortSignal): Promise<void> {
    if (this.#endByte === this.#startByte) return;
    await this.#store(signal);
    if (this.#endByte - this.#startByte < this.#options.partBytes) return;
    this.#gathered = [];
    this.#startByte = this.#endByte;
  }

  async #store(signal: AbortSignal | undefined): Promise<void> {
    let part: UploadPart | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { record } = this.#stored;
      // Another stream was faster.
      if (record.media !== undefined || bytesOf(record.parts) >= this.#endByte) return;
      part ??= await this.#parts.write(Buffer.concat(this.#gathered), signal);
      const kept = partsUpTo(record.parts, this.#startByte);
      if (kept === undefined) throw badWriteOffset(this.#startByte, bytesOf(record.parts));
      const changed: UploadRecord = {
        ...record,
        updateTime: new Date().toISOString(),
        parts: [...kept, part],
      };
      const stored = await this.#options.records.update(this.#stored, changed);
      if (stored !== undefined) {
        this.#stored = stored;
        await this.#parts.delete(record.parts.slice(kept.length));
        return;
      }
      this.#stored = await needUpload(this.#options.records, record.requestId);
    }
    throw uploadBusy(this.#stored.record.requestId);
  }
}

export async function needUpload(records: UploadRecords, requestId: string): Promise<StoredUpload> {
  const stored = await records.get(requestId);
  if (stored === undefined) throw uploadNotFound(requestId);
  return stored;
}

/** The parts that end where a byte begins. @returns undefined where none does */
function partsUpTo(
  parts: readonly UploadPart[],
  startByte: number,
): readonly UploadPart[] | undefined {
  let endByte = 0;
  let count = 0;
  while (endByte < startByte && count < parts.length) endByte += parts[count++]!.sizeBytes;
  return endByte === startByte ? parts.slice(0, count) : undefined;
}
