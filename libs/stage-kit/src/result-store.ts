/** Finished stage results by key. A key names everything that decides the result, so a hit is never stale. */
export interface ResultStore {
  /** The result put under this key, or undefined. */
  get(key: string): Promise<unknown>;
  /** @param result plain JSON-safe data */
  put(key: string, result: unknown): Promise<void>;
}
