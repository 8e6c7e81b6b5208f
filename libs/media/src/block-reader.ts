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
  readonly #waiting: Uint8Array[] = [];
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
    stream.on('data', (bytes: Buffer) => {
      this.#waiting.push(bytes);
      this.#fill();
    });
    stream.once('close', end);
    stream.once('error', end);
  }

  /** The next block, valid until the next call; undefined at the end of the stream (a last, short block is dropped). */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#handedOut !== undefined) {
      this.#free.push(this.#handedOut);
      this.#handedOut = undefined;
    }
    if (this.#waiting.length > 0 && this.#fill()) this.#stream.resume();
    while (this.#full.length === 0 && !this.#hasEnded) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    this.#handedOut = this.#full.shift();
    return this.#handedOut;
  }

  /**
   * Moves what is waiting into the buffers; pauses the stream when they are full. More can come nevertheless: node
   * resumes the pipe of a process that has ended.
   *
   * @returns true when nothing waits any more
   */
  #fill(): boolean {
    for (let bytes = this.#waiting[0]; bytes !== undefined; bytes = this.#waiting[0]) {
      this.#filling ??= this.#free.pop();
      const target = this.#filling;
      if (target === undefined) {
        this.#stream.pause();
        return false;
      }
      const count = Math.min(target.length - this.#filledBytes, bytes.length);
      target.set(bytes.subarray(0, count), this.#filledBytes);
      this.#filledBytes += count;
      if (count === bytes.length) this.#waiting.shift();
      else this.#waiting[0] = bytes.subarray(count);
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
