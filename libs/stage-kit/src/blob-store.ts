/** Reference to a blob: all that travels in messages in place of its bytes. */
export interface BlobRef {
  /** SHA-256 of the bytes, 64 lower-case hex digits: the address. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** E.g. `application/json`. */
  readonly mediaType: string;
}

/** Content-addressed store: the same bytes have the same address, so writing twice is harmless. */
export interface BlobStore {
  /**
   * Stores bytes whole or not at all.
   * @throws AvdError unavailable when the store cannot be reached now, resourceExhausted when it is full
   */
  put(
    bytes: Uint8Array | AsyncIterable<Uint8Array>,
    mediaType: string,
    signal?: AbortSignal,
  ): Promise<BlobRef>;
  /**
   * All bytes of a small blob, checked against its address.
   * @throws AvdError notFound BLOB_NOT_FOUND, unavailable BLOB_DAMAGED when the bytes do not match the address
   */
  get(sha256: string, signal?: AbortSignal): Promise<Uint8Array>;
  /** The bytes of a large blob piece by piece; the check comes with the end: a damaged blob throws there. */
  open(sha256: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  has(sha256: string, signal?: AbortSignal): Promise<boolean>;
  /** Removing what is not there is no error. */
  delete(sha256: string): Promise<void>;
  /** What was pointed to under this key last, or undefined. Pointers name finished work: key of a call -> its output. */
  getPointer(key: string, signal?: AbortSignal): Promise<BlobRef | undefined>;
  /** @param key 64 lower-case hex digits */
  putPointer(key: string, ref: BlobRef, signal?: AbortSignal): Promise<void>;
}
