import { AvdError } from '@avd/domain';
import { isConflict, type JobStore } from '@avd/messaging';
import type { JobRecord } from './job-record.js';

export interface StoredJob {
  readonly record: JobRecord;
  /** Grows with every change. */
  readonly revision: number;
}

/** The jobs of the system, changed by compare-and-swap: any number of orchestrators may work on them. */
export interface Jobs {
  /** @returns undefined when there is a job with this id already */
  create(record: JobRecord): Promise<StoredJob | undefined>;
  get(id: string): Promise<StoredJob | undefined>;
  /** @throws AvdError notFound JOB_NOT_FOUND */
  need(id: string): Promise<StoredJob>;
  /**
   * Changes a job; `change` may be called again with a newer record, and returns the same record to change nothing.
   * @throws AvdError notFound JOB_NOT_FOUND
   */
  update(id: string, change: (record: JobRecord) => JobRecord): Promise<StoredJob>;
  delete(id: string): Promise<void>;
  /** Sorted; ids that are made here sort by time. */
  ids(): Promise<string[]>;
  /** The job now (unless that revision is known already) and after every change; ends when it is deleted. */
  watch(
    id: string,
    options: { readonly fromRevision?: number; readonly signal: AbortSignal },
  ): AsyncIterable<StoredJob>;
}

export function openJobs(store: JobStore): Jobs {
  const get = async (id: string): Promise<StoredJob | undefined> => {
    const found = await store.get(id);
    return found && { record: decode(found.value), revision: found.revision };
  };
  const need = async (id: string): Promise<StoredJob> => {
    const found = await get(id);
    if (found === undefined) throw jobNotFound(id);
    return found;
  };
  return {
    get,
    need,
    async create(record) {
      try {
        return { record, revision: await store.create(record.id, encode(record)) };
      } catch (error) {
        if (isConflict(error)) return undefined;
        throw error;
      }
    },
    async update(id, change) {
      for (;;) {
        const found = await need(id);
        const changed = change(found.record);
        if (changed === found.record) return found;
        const record = { ...changed, updateTime: new Date().toISOString() };
        try {
          return { record, revision: await store.update(id, encode(record), found.revision) };
        } catch (error) {
          if (!isConflict(error)) throw error;
        }
      }
    },
    delete: (id) => store.delete(id),
    ids: () => store.ids(),
    async *watch(id, options) {
      for await (const { value, revision } of store.watch(id, options)) {
        yield { record: decode(value), revision };
      }
    },
  };
}

function encode(record: JobRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

function decode(value: Uint8Array): JobRecord {
  return JSON.parse(Buffer.from(value).toString('utf8')) as JobRecord;
}

export function jobNotFound(id: string): AvdError {
  return new AvdError('notFound', 'JOB_NOT_FOUND', `There is no job ${id}.`, {
    details: { job: id },
  });
}
