import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/**
 * Reads one message's fields in order. `onField` reads the value of the fields it knows and returns true; the rest are skipped.
 */
export function readFields(
  bytes: Uint8Array,
  onField: (fieldNumber: number, reader: BinaryReader) => boolean,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [fieldNumber, wireType] = reader.tag();
    if (!onField(fieldNumber, reader)) reader.skip(wireType, fieldNumber);
  }
}

/** Writes a text field, unless it is empty (the default of proto3). */
export function writeText(writer: BinaryWriter, fieldNumber: number, text: string): void {
  if (text !== '') writer.tag(fieldNumber, WireType.LengthDelimited).string(text);
}

/** Writes a message or bytes field, also where it is empty. */
export function writeBytes(writer: BinaryWriter, fieldNumber: number, bytes: Uint8Array): void {
  writer.tag(fieldNumber, WireType.LengthDelimited).bytes(bytes);
}

/** Writes an int32 or enum field, unless it is 0 (the default of proto3). */
export function writeInt32(writer: BinaryWriter, fieldNumber: number, value: number): void {
  if (value !== 0) writer.tag(fieldNumber, WireType.Varint).int32(value);
}

/** One message, written by `fill`. */
export function encodeMessage(fill: (writer: BinaryWriter) => void): Buffer {
  const writer = new BinaryWriter();
  fill(writer);
  return Buffer.from(writer.finish());
}
