/** Code of every symbol: lengths by count, symbols in the order of their codes (T.81, Annex C). */
export interface HuffmanTable {
  /** Number of codes of 1 to 16 bits. */
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
  readonly codeOf: ReadonlyMap<number, { readonly code: number; readonly length: number }>;
}

/** The luminance tables of T.81, Annex K.3, as counts of codes by length and symbols. */
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const AC_COUNTS = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const AC_FREQUENT =
  '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a';

export function createHuffman(): { readonly dc: HuffmanTable; readonly ac: HuffmanTable } {
  const frequent = (AC_FREQUENT.match(/../g) ?? []).map((hex) => parseInt(hex, 16));
  const known = new Set(frequent);
  // The rest follows in ascending order; a run of 15 zeros alone (f0) and the end of a block (00) are above.
  const rest: number[] = [];
  for (let symbol = 0; symbol < 256; symbol++) {
    const length = symbol & 15;
    if (length >= 1 && length <= 10 && !known.has(symbol)) rest.push(symbol);
  }
  return {
    dc: createTable(
      DC_COUNTS,
      Array.from({ length: 12 }, (_, i) => i),
    ),
    ac: createTable(AC_COUNTS, [...frequent, ...rest]),
  };
}

function createTable(counts: readonly number[], symbols: readonly number[]): HuffmanTable {
  const codeOf = new Map<number, { code: number; length: number }>();
  let code = 0;
  let next = 0;
  for (const [index, count] of counts.entries()) {
    for (let i = 0; i < count; i++)
      codeOf.set(symbols[next++]!, { code: code++, length: index + 1 });
    code <<= 1;
  }
  return { counts, symbols, codeOf };
}

/** Bytes of a JPEG file, with bits inside of the scan. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;
  #bitCount = 0;

  /** A marker segment; its length is written when it has a payload. */
  marker(code: number, payload: readonly number[]): void {
    this.#bytes.push(0xff, code);
    if (payload.length === 0) return;
    const length = payload.length + 2;
    this.#bytes.push(length >> 8, length & 255, ...payload);
  }

  symbol(table: HuffmanTable, symbol: number): void {
    const { code, length } = table.codeOf.get(symbol)!;
    this.#put(code, length);
  }

  /** The bits that follow a size (T.81, F.1.2.1): negative values in ones' complement. */
  amplitude(value: number, length: number): void {
    this.#put(value < 0 ? value + (1 << length) - 1 : value, length);
  }

  /** Fills the last byte with ones. */
  flush(): void {
    if (this.#bitCount > 0) this.#put((1 << (8 - this.#bitCount)) - 1, 8 - this.#bitCount);
  }

  toBytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #put(value: number, length: number): void {
    for (let i = length - 1; i >= 0; i--) {
      this.#bits = (this.#bits << 1) | ((value >> i) & 1);
      if (++this.#bitCount < 8) continue;
      this.#bytes.push(this.#bits);
      // A data byte of 255 must not look like a marker.
      if (this.#bits === 0xff) this.#bytes.push(0);
      this.#bits = 0;
      this.#bitCount = 0;
    }
  }
}
