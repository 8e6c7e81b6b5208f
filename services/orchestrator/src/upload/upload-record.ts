import { isConflict, type JobStore } from '@avd/messaging';
import type { UploadedMedia } from './media-catalogue.js';

/** What was announced of a file. */
export interface UploadSpec {
  readonly fileName: string;
  readonly contentType: string;
  /** 0 when not known. */
  readonly sizeBytes: number;
  /** Empty when not known. */
  readonly sha256: string;
}

/** A stored piece of a file; it begins where the one before ends. */
export interface UploadPart {
  readonly blobSha256: string;
  readonly sizeBytes: number;
}

/** How far an upload is: all that any orchestrator needs to go on with it. Times are ISO 8601. */
export interface UploadRecord {
  readonly requestId: string;
  readonly spec: UploadSpec;
  readonly createTime: string;
  readonly updateTime: string;
  readonly parts: readonly UploadPart[];
  /** Once the file is complete; then there are no parts. */
  readonly media?: UploadedMedia;
}

/** Where upload records lie: a bucket of their own, whose keys are the request ids. */
export type UploadStore = Pick<JobStore, 'get' | 'create' | 'update' | 'delete' | 'ids'>;

export interface StoredUpload {
  readonly record: UploadRecord;
  readonly revision: number;
}

/** Upload records as JSON. */
export class UploadRecords {
  readonly #store: UploadStore;

  constructor(store: UploadStore) {
    this.#store = store;
  }

  async get(requestId: string): Promise<StoredUpload | undefined> {
    const found = await this.#store.get(requestId);
    if (found === undefined) return undefined;
    const record = JSON.parse(Buffer.from(found.value).toString('utf8')) as UploadRecord;
    return { record, revision: found.revision };
  }

  /** @returns undefined when there is one already */
  create(record: UploadRecord): Promise<StoredUpload | undefined> {
    return unlessConflict(async () => ({
      record,
      revision: await this.#store.create(record.requestId, encode(record)),
    }));
  }

  /** @returns undefined when somebody else has changed it since it was read */
  update(stored: StoredUpload, record: UploadRecord): Promise<StoredUpload | undefined> {
    return unlessConflict(async () => ({
      record,
      revision: await this.#store.update(record.requestId, encode(record), stored.revision),
    }));
  }

  delete(requestId: string): Promise<void> {
    return this.#store.delete(requestId);
  }

  requestIds(): Promise<string[]> {
    return this.#store.ids();
  }
}

async function unlessConflict(
  write: () => Promise<StoredUpload>,
): Promise<StoredUpload | undefined> {
  try {
    return await write();
  } catch (error) {
    if (isConflict(error)) return undefined;
    throw error;
  }
}

function encode(record: UploadRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

export function committedBytes({ media, parts }: UploadRecord): number {
  return media?.blob.sizeBytes ?? bytesOf(parts);
}

export function bytesOf(parts: readonly UploadPart[]): number {
  return parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
