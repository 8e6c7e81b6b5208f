import type { Readable } from 'node:stream';

/**
 * Cuts a byte stream into blocks of one size, with two buffers: while the caller works on one block the next is
 * filled; when no buffer is free the stream is paused, so the writer at its other end waits.
 */
export class BlockReader {
  readonly #stream: Readable;
  readonly #free: Uint8Array[];
  readonly #full: Uint8Array[] = [];
  #filling: Uint8Array | undefined;
  #filledBytes = 0;
  /** Bytes that came while no buffer was free. */
  #rest: Uint8Array | undefined;
  #handedOut: Uint8Array | undefined;
  #wake: (() => void) | undefined;
  #hasEnded = false;

  constructor(stream: Readable, blockBytes: number) {
    this.#stream = stream;
    this.#free = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)];
    const end = () => {
      this.#hasEnded = true;
      this.#wake?.();
    };
    stream.on('data', (bytes: Buffer) => this.#take(bytes));
    stream.once('close', end);
    stream.once('error', end);
  }

  /** The next block, valid until the next call; undefined at the end of the stream (a last, short block is dropped). */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#handedOut !== undefined) {
      this.#free.push(this.#handedOut);
      this.#handedOut = undefined;
    }
    const rest = this.#rest;
    if (rest !== undefined) {
      this.#rest = undefined;
      this.#take(rest);
      if (this.#rest === undefined) this.#stream.resume();
    }
    while (this.#full.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#handedOut = this.#full.shift();
    return this.#handedOut;
  }

  #take(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length) {
      this.#filling ??= this.#free.pop();
      const target = this.#filling;
      if (target === undefined) {
        this.#rest = bytes.subarray(offset);
        this.#stream.pause();
        return;
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
  }
}
