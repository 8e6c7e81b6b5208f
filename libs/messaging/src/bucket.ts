import { createInbox } from '@nats-io/nats-core';
import { Kvm } from '@nats-io/kv';
import type { KV, KvEntry } from '@nats-io/kv';
import type { NatsMessaging } from './connection.js';
import { pause } from './delays.js';
import {
  conflictError,
  isTransient,
  isWrongRevision,
  natsError,
  unavailable,
} from './nats-errors.js';

const DEADLINE_MS = 15_000;
/** A read of many keys that has not ended by then has lost its server. */
const SCAN_LIMIT_MS = 10_000;
const REWATCH_PAUSE_MS = 100;

/** A stored value; revisions grow over the whole bucket. */
export interface Versioned {
  readonly value: Uint8Array;
  readonly revision: number;
}

export interface WatchOptions {
  /** Only values newer than this; without it the current value comes first. */
  readonly fromRevision?: number;
  readonly signal?: AbortSignal;
}

/** Key-value operations that outlive a restart of NATS; reads come from the leader. */
export class Bucket {
  readonly #nats: NatsMessaging;
  readonly #name: string;
  #kv: Promise<KV> | undefined;

  constructor(nats: NatsMessaging, name: string) {
    this.#nats = nats;
    this.#name = name;
  }

  async get(key: string): Promise<Versioned | undefined> {
    return this.#persist('read', key, async () => {
      const entry = await (await this.#open()).get(key);
      return entry === null ? undefined : valueOf(entry);
    });
  }

  /**
   * Writes when the key's last revision is still the expected one (0: the key has never been written).
   * @returns the new revision
   * @throws AvdError conflict, see isConflict
   */
  async write(key: string, value: Uint8Array, expectedRevision?: number): Promise<number> {
    // The id makes a repeated attempt harmless whose first confirmation was lost.
    const msgID = createInbox('W');
    const expect =
      expectedRevision === undefined ? {} : { expect: { lastSubjectSequence: expectedRevision } };
    return this.#persist('write', key, async () => {
      try {
        const ack = await this.#nats.js.publish(this.#subject(key), value, { msgID, ...expect });
        return ack.seq;
      } catch (error) {
        if (isWrongRevision(error)) throw conflictError(`${this.#name}/${key}`, error);
        throw error;
      }
    });
  }

  /** Writes a key that has no value. @throws AvdError conflict when it has one */
  async create(key: string, value: Uint8Array): Promise<number> {
    const entry = await this.#persist('read', key, async () => (await this.#open()).get(key));
    if (entry !== null && entry.operation === 'PUT') throw conflictError(`${this.#name}/${key}`);
    return this.write(key, value, entry?.revision ?? 0);
  }

  /** Removes the value and its history; watchers end. */
  async delete(key: string): Promise<void> {
    await this.#persist('delete', key, async () => (await this.#open()).purge(key));
  }

  /** Removes keys without a trace. @param filter e.g. `job.*` */
  async erase(filter: string): Promise<void> {
    await this.#persist('delete', filter, () =>
      this.#nats.jsm.streams.purge(`KV_${this.#name}`, { filter: this.#subject(filter) }),
    );
  }

  keys(filter = '>'): Promise<string[]> {
    return this.#persist('list', filter, async () => {
      const found = await (await this.#open()).keys(filter);
      return this.#collect(found, (key) => key);
    });
  }

  /** The current values of all matching keys. */
  values(filter: string): Promise<{ readonly key: string; readonly value: Uint8Array }[]> {
    return this.#persist('list', filter, async () => {
      const found = await (await this.#open()).history({ key: filter });
      const entries = await this.#collect(found, (entry) => entry);
      return entries
        .filter((entry) => entry.operation === 'PUT')
        .map(({ key, value }) => ({ key, value }));
    });
  }

  /** Values as they are written, each revision once; ends when the key is deleted or the signal aborts. */
  async *watch(
    key: string,
    options: WatchOptions = {},
  ): AsyncGenerator<Versioned, void, undefined> {
    const isStopped = (): boolean => options.signal?.aborted === true;
    let seenRevision = options.fromRevision ?? 0;
    while (!isStopped()) {
      const found = await this.#persist('watch', key, async () =>
        (await this.#open()).watch({
          key,
          ...(seenRevision > 0 ? { resumeFromRevision: seenRevision + 1 } : {}),
        }),
      );
      const stop = (): void => found.stop();
      options.signal?.addEventListener('abort', stop, { once: true });
      // The server forgets a watcher after an outage of seconds: watch again from the last revision seen.
      const forget = this.#nats.onStatus((status) => {
        if (status !== 'reconnecting') stop();
      });
      try {
        for await (const entry of found) {
          if (isStopped()) return;
          if (entry.revision <= seenRevision) continue;
          seenRevision = entry.revision;
          const versioned = valueOf(entry);
          if (versioned === undefined) return;
          yield versioned;
        }
      } catch (error) {
        if (!isTransient(error)) throw natsError(error, `watch ${key}`);
      } finally {
        stop();
        forget();
        options.signal?.removeEventListener('abort', stop);
      }
      if (this.#nats.status === 'closed') throw unavailable(`watch ${key}`);
      await pause(REWATCH_PAUSE_MS, options.signal);
    }
  }

  #open(): Promise<KV> {
    this.#kv ??= new Kvm(this.#nats.js).open(this.#name);
    return this.#kv;
  }

  #subject(key: string): string {
    return `$KV.${this.#name}.${key}`;
  }

  #persist<T>(verb: string, key: string, operation: () => Promise<T>): Promise<T> {
    return this.#nats.persist(`${verb} ${this.#name}/${key}`, DEADLINE_MS, operation);
  }

  async #collect<T, U>(
    found: AsyncIterable<T> & { stop(): void },
    read: (item: T) => U,
  ): Promise<U[]> {
    const result: U[] = [];
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      found.stop();
    }, SCAN_LIMIT_MS);
    try {
      for await (const item of found) result.push(read(item));
    } finally {
      clearTimeout(timer);
    }
    if (isLate) throw unavailable(`list ${this.#name}`);
    return result;
  }
}

function valueOf(entry: KvEntry): Versioned | undefined {
  if (entry.operation !== 'PUT') return undefined;
  return { value: entry.value, revision: entry.revision };
}
