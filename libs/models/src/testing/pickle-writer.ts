/** Opcodes of a pickle, one after another: as much of protocol 2 as torch.save uses. */
export class PickleWriter {
  readonly #parts: Uint8Array[] = [];

  /** Starts with PROTO 2. */
  constructor() {
    this.raw(0x80, 2);
  }

  raw(...bytes: readonly number[]): this {
    this.#parts.push(Uint8Array.from(bytes));
    return this;
  }

  text(value: string): this {
    const bytes = Buffer.from(value, 'utf8');
    this.raw(0x58, ...littleEndian(bytes.length, 4));
    this.#parts.push(bytes);
    return this;
  }

  /** GLOBAL */
  imported(moduleName: string, name: string): this {
    this.#parts.push(Buffer.from(`c${moduleName}\n${name}\n`, 'utf8'));
    return this;
  }

  /** Whole number below 2^31. */
  integer(value: number): this {
    return this.raw(0x4a, ...littleEndian(value, 4));
  }

  tuple(fill: () => void): this {
    this.raw(0x28);
    fill();
    return this.raw(0x74);
  }

  /** OrderedDict() and SETITEMS. */
  orderedDict(fill: () => void): this {
    this.imported('collections', 'OrderedDict').raw(0x29, 0x52, 0x28);
    fill();
    return this.raw(0x75);
  }

  /** STOP */
  finish(): Uint8Array {
    return Buffer.concat([...this.#parts, Uint8Array.of(0x2e)]);
  }
}

export function littleEndian(value: number, lengthBytes: number): number[] {
  return Array.from({ length: lengthBytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) % 256);
}
