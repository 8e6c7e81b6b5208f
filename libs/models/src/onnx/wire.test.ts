import { describe, expect, it } from 'vitest';
import { WireWriter } from './wire.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('WireWriter', () => {
  it('writes integers as the protobuf documentation shows', () => {
    expect(hex(new WireWriter().varint(1, 150).finish())).toBe('089601');
  });

  it('writes text with its length', () => {
    expect(hex(new WireWriter().string(2, 'testing').finish())).toBe('120774657374696e67');
  });

  it('writes nested messages with their length', () => {
    const bytes = new WireWriter().message(3, (nested) => nested.varint(1, 150)).finish();
    expect(hex(bytes)).toBe('1a03089601');
  });

  it('writes negative integers in ten bytes of two’s complement', () => {
    expect(hex(new WireWriter().varint(1, -2).finish())).toBe('08feffffffffffffffff01');
  });

  it('writes floats little-endian', () => {
    expect(hex(new WireWriter().float(5, 1).finish())).toBe('2d0000803f');
  });

  it('needs two key bytes for field numbers above 15', () => {
    expect(hex(new WireWriter().varint(20, 7).finish())).toBe('a00107');
  });
});
