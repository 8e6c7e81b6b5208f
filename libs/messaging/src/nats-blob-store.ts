import { createHash, randomUUID } from 'node:crypto';
import { AvdError } from '@avd/domain';
import type { BlobRef, BlobStore } from '@avd/stage-kit';
import { Objm } from '@nats-io/obj';
import type { ObjectStore } from '@nats-io/obj';
import { natsOf } from './connection.js';
import type { Messaging } from './connection.js';
import { isTransient, isWrongRevision, natsError, unavailable } from './nats-errors.js';
import { BLOB_BUCKET } from './topology.js';

const READ_LIMIT_MS = 15_000;
const blobName = (sha256: string): string => `sha256/${sha256}`;
const pointerName = (key: string): string => `pointer/${key}`;

/**
 * Blobs in NATS's object store: for development, where one server is all there is. NATS disks are for
 * messages, and a blob has no lifecycle here; use S3 in production.
 * @param bucket created where it is missing
 */
export function natsBlobStore(messaging: Messaging, bucket: string = BLOB_BUCKET): BlobStore {
  const nats = natsOf(messaging);
  let opened: Promise<ObjectStore> | undefined;
  const open = async (): Promise<ObjectStore> => {
    opened ??= new Objm(nats.js).create(bucket, { storage: 'file' });
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  const persist = <T>(what: string, operation: (store: ObjectStore) => Promise<T>): Promise<T> =>
    nats.persist(what, READ_LIMIT_MS, async () => operation(await open()));

  const read = (
    sha256: string,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> => readVerified(persist, sha256, signal);

  return {
    async put(bytes, mediaType, signal) {
      signal?.throwIfAborted();
      if (bytes instanceof Uint8Array) {
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        await persist('write a blob', (store) => putOnce(store, blobName(sha256), bytes));
        return { sha256, sizeBytes: bytes.length, mediaType };
      }
      return putStream(
        await persist('write a blob', (s) => Promise.resolve(s)),
        bytes,
        mediaType,
        signal,
      );
    },
    async get(sha256, signal) {
      const parts: Uint8Array[] = [];
      for await (const part of read(sha256, signal)) parts.push(part);
      return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    },
    open: read,
    has: (sha256, signal) => {
      signal?.throwIfAborted();
      return persist('look for a blob', async (store) => {
        const info = await store.info(blobName(sha256));
        return info !== null && !info.deleted;
      });
    },
    delete: (sha256) =>
      persist('delete a blob', async (store) => {
        await store.delete(blobName(sha256));
      }),
    getPointer: (key, signal) => {
      signal?.throwIfAborted();
      return persist('read a pointer', async (store) => {
        const info = await store.info(pointerName(key));
        return info === null || info.deleted ? undefined : refOf(info.metadata);
      });
    },
    putPointer: (key, ref, signal) => {
      signal?.throwIfAborted();
      return persist('write a pointer', async (store) => {
        const { sha256, sizeBytes, mediaType } = ref;
        const metadata = { sha256, sizeBytes: String(sizeBytes), mediaType };
        await store.putBlob({ name: pointerName(key), metadata }, new Uint8Array(0));
      });
    },
  };
}

function refOf(metadata: Readonly<Record<string, string>> = {}): BlobRef | undefined {
  const { sha256, sizeBytes, mediaType } = metadata;
  if (sha256 === undefined || sizeBytes === undefined || mediaType === undefined) return undefined;
  return { sha256, sizeBytes: Number(sizeBytes), mediaType };
}

/** Writes unless it is there: replacing would pull the old pieces away from under a reader. */
async function putOnce(store: ObjectStore, name: string, bytes: Uint8Array): Promise<void> {
  const info = await store.info(name);
  if (info !== null && !info.deleted) return;
  try {
    await store.putBlob({ name }, bytes, { previousRevision: info?.revision ?? 0 });
  } catch (error) {
    // Somebody else wrote the same bytes meanwhile.
    if (!isWrongRevision(error)) throw error;
  }
}

/** The address is known at the end only: written under a passing name, then renamed. */
async function putStream(
  store: ObjectStore,
  bytes: AsyncIterable<Uint8Array>,
  mediaType: string,
  signal?: AbortSignal,
): Promise<BlobRef> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const source = async function* (): AsyncGenerator<Uint8Array> {
    for await (const part of bytes) {
      signal?.throwIfAborted();
      hash.update(part);
      sizeBytes += part.length;
      yield part;
    }
  };
  const passing = `partial/${randomUUID()}`;
  try {
    await store.put({ name: passing }, ReadableStream.from(source()));
    const sha256 = hash.digest('hex');
    const info = await store.info(blobName(sha256));
    if (info === null || info.deleted) await store.update(passing, { name: blobName(sha256) });
    else await store.delete(passing);
    return { sha256, sizeBytes, mediaType };
  } catch (error) {
    if (signal?.aborted === true) throw AvdError.from(signal.reason);
    throw natsError(error, 'write a blob');
  }
}

async function* readVerified(
  persist: <T>(what: string, operation: (store: ObjectStore) => Promise<T>) => Promise<T>,
  sha256: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const result = await persist('read a blob', (store) => store.get(blobName(sha256)));
  if (result === null) {
    throw new AvdError('notFound', 'BLOB_NOT_FOUND', `No blob has the address ${sha256}.`, {
      details: { sha256 },
    });
  }
  result.error.catch(() => undefined);
  const hash = createHash('sha256');
  const reader = result.data.getReader();
  try {
    for (;;) {
      signal?.throwIfAborted();
      const value = await readOrTimeOut(reader);
      if (value === undefined) break;
      hash.update(value);
      if (value.length > 0) yield value;
    }
  } catch (error) {
    if (signal?.aborted === true || error instanceof AvdError) throw AvdError.from(error);
    if (isTransient(error)) throw natsError(error, 'read a blob');
    throw damaged(sha256, error);
  } finally {
    await reader.cancel().catch(() => undefined);
  }
  if (hash.digest('hex') !== sha256) throw damaged(sha256);
}

/** Pieces that were deleted while they are read would never come. */
async function readOrTimeOut(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unavailable('read a blob')), READ_LIMIT_MS);
  });
  try {
    const { done, value } = await Promise.race([reader.read(), late]);
    return done ? undefined : value;
  } finally {
    clearTimeout(timer);
  }
}

function damaged(sha256: string, cause?: unknown): AvdError {
  return new AvdError(
    'unavailable',
    'BLOB_DAMAGED',
    `The blob ${sha256} does not match its address; delete it so that it is made again.`,
    { details: { sha256 }, cause },
  );
}
