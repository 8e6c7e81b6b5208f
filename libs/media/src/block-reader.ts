import type { ByteSource } from './byte-pipe.js';

/**
 * Cuts a byte stream into blocks of one size, with two buffers: while the caller works on one block the next is
 * filled; when no buffer is free the source is told to wait, so the writer at its other end waits as well.
 */
export class BlockReader {
  readonly #source: ByteSource;
  readonly #free: Uint8Array[];
  readonly #full: Uint8Array[] = [];
  #filling: Uint8Array | undefined;
  #filledBytes = 0;
  /** Bytes that came while no buffer was free. */
  #rest: Uint8Array | undefined;
  #handedOut: Uint8Array | undefined;
  #wake: (() => void) | undefined;
  #hasEnded = false;

  constructor(source: ByteSource, blockBytes: number) {
    this.#source = source;
    this.#free = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)];
    source.start(
      (bytes) => this.#fill(bytes),
      () => {
        this.#hasEnded = true;
        this.#wake?.();
      },
    );
  }

  /** The next block, valid until the next call; undefined at the end of the stream (a last, short block is dropped). */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#handedOut !== undefined) {
      this.#free.push(this.#handedOut);
      this.#handedOut = undefined;
    }
    const rest = this.#rest;
    if (rest !== undefined && this.#fill(rest)) this.#source.resume();
    while (this.#full.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#handedOut = this.#full.shift();
    return this.#handedOut;
  }

  /** Moves bytes into the buffers. @returns false when they are full and some bytes have to wait */
  #fill(bytes: Uint8Array): boolean {
    this.#rest = undefined;
    for (let offset = 0; offset < bytes.length;) {
      this.#filling ??= this.#free.pop();
      const target = this.#filling;
      if (target === undefined) {
        this.#rest = bytes.subarray(offset);
        return false;
      }
      const count = Math.min(target.length - this.#filledBytes, bytes.length - offset);
      target.set(bytes.subarray(offset, offset + count), this.#filledBytes);
      this.#filledBytes += count;
      offset += count;
      if (this.#filledBytes === target.length) {
        this.#full.push(target);
        this.#filling = undefined;
        this.#filledBytes = 0;
        this.#wake?.();
      }
    }
    return true;
  }
}
