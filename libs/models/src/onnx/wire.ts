const textEncoder = new TextEncoder();

/** Wire types of the protobuf encoding which this writer uses. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/**
 * Writes the protobuf wire format (protobuf.dev/programming-guides/encoding): as much of it as ONNX files
 * need. Fields come out in the order of the calls, so the same calls give the same bytes. Large byte
 * fields are kept by reference until `finish` copies everything once.
 */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  /** Integer field; negative numbers take ten bytes, as int64 does. */
  varint(field: number, value: number | bigint): this {
    this.#key(field, VARINT);
    this.#varint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  /** float (32 bit) field. */
  float(field: number, value: number): this {
    this.#key(field, FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, LENGTH_DELIMITED);
    this.#varint(BigInt(value.byteLength));
    this.#push(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, textEncoder.encode(value));
  }

  /** Nested message, filled by `fill`. */
  message(field: number, fill: (nested: WireWriter) => void): this {
    const nested = new WireWriter();
    fill(nested);
    this.#key(field, LENGTH_DELIMITED);
    this.#varint(BigInt(nested.#sizeBytes));
    for (const part of nested.#parts) this.#push(part);
    return this;
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.#sizeBytes);
    let offsetBytes = 0;
    for (const part of this.#parts) {
      out.set(part, offsetBytes);
      offsetBytes += part.byteLength;
    }
    return out;
  }

  #key(field: number, wireType: number): void {
    this.#varint(BigInt((field << 3) | wireType));
  }

  #varint(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80n) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  #push(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#sizeBytes += bytes.byteLength;
  }
}
