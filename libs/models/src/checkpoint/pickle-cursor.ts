import { damagedCheckpoint } from './errors.js';

/** Thrown when the bytes at hand end inside of a pickle: there may be more of them in the file. */
export class PickleEndsEarly extends Error {
  override readonly name = 'PickleEndsEarly';
}

/** Longest name of an import; longer ones are not from Python. */
const MAX_NAME_BYTES = 1024;

const utf8 = new TextDecoder();

/** Reads the arguments of pickle opcodes one after another. */
export class PickleCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset: number;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = offset;
  }

  get offset(): number {
    return this.#offset;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** Big-endian, as BINFLOAT has it. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** Little-endian integer in two's complement; a number where that is exact. */
  integer(lengthBytes: number): number | bigint {
    const start = this.#take(lengthBytes);
    let value = 0n;
    for (let i = lengthBytes - 1; i >= 0; i--) {
      value = (value << 8n) | BigInt(this.#bytes[start + i]!);
    }
    const signed = BigInt.asIntN(lengthBytes * 8, value);
    const asNumber = Number(signed);
    return Number.isSafeInteger(asNumber) ? asNumber : signed;
  }

  text(lengthBytes: number): string {
    const start = this.#take(lengthBytes);
    return utf8.decode(this.#bytes.subarray(start, start + lengthBytes));
  }

  /** Text up to the end of the line. */
  line(): string {
    const window = this.#bytes.subarray(this.#offset, this.#offset + MAX_NAME_BYTES);
    const lengthBytes = window.indexOf(0x0a);
    if (lengthBytes < 0) {
      if (window.length === MAX_NAME_BYTES) throw damagedCheckpoint('it holds an endless name');
      throw new PickleEndsEarly();
    }
    const text = this.text(lengthBytes);
    this.#offset += 1;
    return text;
  }

  skip(lengthBytes: number): void {
    this.#take(lengthBytes);
  }

  /** @returns where the taken bytes start */
  #take(lengthBytes: number): number {
    const start = this.#offset;
    if (start + lengthBytes > this.#bytes.byteLength) throw new PickleEndsEarly();
    this.#offset = start + lengthBytes;
    return start;
  }
}
