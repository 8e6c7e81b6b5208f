const textDecoder = new TextDecoder('utf-8', { fatal: true });

/** One field of a message; `bytes` for length-delimited ones, `varint` for integers, `fixed` for 32 and 64 bit ones. */
export interface WireField {
  readonly field: number;
  readonly varint: bigint;
  readonly bytes: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/**
 * Fields of a protobuf message (protobuf.dev/programming-guides/encoding) in the order they stand; bytes are views.
 * @throws RangeError when the message is damaged
 */
export function* readFields(message: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('damaged protobuf message');
  };
  const take = (length: number): Uint8Array => {
    if (length > message.length - at) throw new RangeError('damaged protobuf message');
    const bytes = message.subarray(at, at + length);
    at += length;
    return bytes;
  };
  while (at < message.length) {
    const key = Number(varint());
    const field = key >>> 3;
    switch (key & 7) {
      case 0:
        yield { field, varint: varint(), bytes: NO_BYTES };
        break;
      case 1:
        yield { field, varint: 0n, bytes: take(8) };
        break;
      case 2:
        yield { field, varint: 0n, bytes: take(Number(varint())) };
        break;
      case 5:
        yield { field, varint: 0n, bytes: take(4) };
        break;
      default:
        throw new RangeError('damaged protobuf message');
    }
  }
}

export function readText(bytes: Uint8Array): string {
  return textDecoder.decode(bytes);
}

/** Numbers of a repeated integer field, packed or not. */
export function readIntegers({ varint, bytes }: WireField): bigint[] {
  if (bytes.length === 0) return [varint];
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte < 0x80) {
      values.push(BigInt.asUintN(64, value));
      value = 0n;
      shift = 0n;
    }
  }
  return values;
}

/** Numbers of a repeated float field, packed or not. */
export function readFloats({ bytes }: WireField): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
