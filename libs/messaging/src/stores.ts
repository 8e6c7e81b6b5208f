import { Bucket } from './bucket.js';
import type { Versioned, WatchOptions } from './bucket.js';
import { natsOf } from './connection.js';
import type { Messaging } from './connection.js';
import { isConflict, unavailable } from './nats-errors.js';
import { checkToken } from './publish.js';
import { CHUNK_BUCKET, JOB_BUCKET, REQUEST_BUCKET, UPLOAD_BUCKET } from './topology.js';

/** States of jobs, changed by compare-and-swap. All methods throw AvdError. */
export interface JobStore {
  get(id: string): Promise<Versioned | undefined>;
  /** @returns the revision @throws conflict (see isConflict) when the job exists */
  create(id: string, value: Uint8Array): Promise<number>;
  /** @returns the new revision @throws conflict (see isConflict) when the expected revision is not the last */
  update(id: string, value: Uint8Array, expectedRevision: number): Promise<number>;
  /** Deleting what is not there is no error. */
  delete(id: string): Promise<void>;
  /** Ids of all jobs, sorted. */
  ids(prefix?: string): Promise<string[]>;
  /**
   * The current value (unless fromRevision has been reached already) and every later one, across restarts of NATS. The
   * last 16 revisions of a job can be resumed from. Ends when the job is deleted or the signal aborts.
   */
  watch(id: string, options?: WatchOptions): AsyncIterable<Versioned>;
}

export function jobStore(messaging: Messaging): JobStore {
  return recordStore(messaging, JOB_BUCKET, 'job id');
}

/** Uploads under way, by request id. */
export function uploadStore(messaging: Messaging): JobStore {
  return recordStore(messaging, UPLOAD_BUCKET, 'request id');
}

function recordStore(messaging: Messaging, name: string, keyWord: string): JobStore {
  const bucket = new Bucket(natsOf(messaging), name);
  const keyOf = (id: string): string => checkToken(keyWord, id);
  return {
    get: async (id) => bucket.get(keyOf(id)),
    create: async (id, value) => bucket.create(keyOf(id), value),
    update: async (id, value, expectedRevision) => bucket.write(keyOf(id), value, expectedRevision),
    delete: async (id) => bucket.delete(keyOf(id)),
    ids: async (prefix = '') => (await bucket.keys()).filter((id) => id.startsWith(prefix)).sort(),
    watch: (id, options) => bucket.watch(keyOf(id), options),
  };
}

/** Remembers for 24 h what a request id has led to. */
export interface RequestStore {
  /** The first claim wins. @returns the value that won: this one, or the earlier one */
  claim(method: string, requestId: string, value: Uint8Array): Promise<Uint8Array>;
}

export function requestStore(messaging: Messaging): RequestStore {
  const bucket = new Bucket(natsOf(messaging), REQUEST_BUCKET);
  return {
    async claim(method, requestId, value) {
      const key = `${checkToken('method', method)}.${checkToken('request id', requestId)}`;
      // Twice: the earlier claim may reach its 24 h between the two steps.
      for (let round = 0; round < 2; round++) {
        try {
          await bucket.create(key, value);
          return value;
        } catch (error) {
          if (!isConflict(error)) throw error;
        }
        const earlier = await bucket.get(key);
        if (earlier !== undefined) return earlier.value;
      }
      throw unavailable('claim a request id');
    },
  };
}

export interface StoredChunk {
  readonly chunkIndex: number;
  readonly value: Uint8Array;
}

/** Results of finished chunks (references), written before the event that tells of them. */
export interface ChunkStore {
  /** Writing again replaces: the same chunk always has the same result. */
  put(job: string, step: string, chunkIndex: number, value: Uint8Array): Promise<void>;
  get(job: string, step: string, chunkIndex: number): Promise<Uint8Array | undefined>;
  /** All chunks of a step, ordered by index. */
  list(job: string, step: string): Promise<StoredChunk[]>;
  deleteJob(job: string): Promise<void>;
}

export function chunkStore(messaging: Messaging): ChunkStore {
  const bucket = new Bucket(natsOf(messaging), CHUNK_BUCKET);
  const prefixOf = (job: string, step: string): string =>
    `${checkToken('job id', job)}.${checkToken('step', step)}`;
  return {
    put: async (job, step, chunkIndex, value) => {
      await bucket.write(`${prefixOf(job, step)}.${chunkIndex}`, value);
    },
    get: async (job, step, chunkIndex) =>
      (await bucket.get(`${prefixOf(job, step)}.${chunkIndex}`))?.value,
    list: async (job, step) => {
      const prefix = prefixOf(job, step);
      const found = await bucket.values(`${prefix}.*`);
      return found
        .map(({ key, value }) => ({ chunkIndex: Number(key.slice(prefix.length + 1)), value }))
        .sort((a, b) => a.chunkIndex - b.chunkIndex);
    },
    deleteJob: async (job) => bucket.erase(`${checkToken('job id', job)}.>`),
  };
}
