import { describe, expect, it } from 'vitest';
import { decodeWeights, halfToFloat } from './weights.js';

describe('halfToFloat', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x0001, 2 ** -24],
    [0x83ff, -1023 * 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('reads bits %i as %f', (bits, value) => {
    expect(halfToFloat(bits)).toBe(value);
  });

  it('reads not-a-number', () => {
    expect(halfToFloat(0x7e00)).toBeNaN();
  });
});

describe('decodeWeights', () => {
  it('reads values of every storage type one after another', () => {
    const bytes = new Uint8Array(4 + 4 + 2 + 2 + 1);
    const view = new DataView(bytes.buffer);
    view.setFloat32(0, 0.5, true);
    view.setInt32(4, -7, true);
    view.setUint16(8, 0x3c00, true);
    view.setUint16(10, 1000, true);
    view.setUint8(12, 255);
    const weights = decodeWeights(
      [
        { name: 'f', shape: [1], dtype: 'float32' },
        { name: 'i', shape: [], dtype: 'int32' },
        { name: 'h', shape: [1, 1], dtype: 'float32', quantization: { dtype: 'float16' } },
        {
          name: 'w',
          shape: [1],
          dtype: 'float32',
          quantization: { dtype: 'uint16', scale: 0.5, min: -1 },
        },
        {
          name: 'b',
          shape: [1],
          dtype: 'float32',
          quantization: { dtype: 'uint8', scale: 2, min: 0 },
        },
      ],
      bytes,
    );
    expect(weights.get('f')).toEqual({ data: Float32Array.of(0.5), dims: [1] });
    expect(weights.get('i')).toEqual({ data: Int32Array.of(-7), dims: [] });
    expect(weights.get('h')).toEqual({ data: Float32Array.of(1), dims: [1, 1] });
    expect(weights.get('w')?.data[0]).toBe(499);
    expect(weights.get('b')?.data[0]).toBe(510);
  });

  it.each([3, 5])('refuses a file of %i bytes for one float', (sizeBytes) => {
    const specs = [{ name: 'f', shape: [1], dtype: 'float32' }];
    expect(() => decodeWeights(specs, new Uint8Array(sizeBytes))).toThrow(/cannot be read/);
  });
});
