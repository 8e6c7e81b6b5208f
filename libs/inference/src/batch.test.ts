import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchKey, isBatchable, joinInputs, rowCount, splitOutputs } from './batch.js';

const tensor = (rows: number, ...values: number[]) => ({
  data: Float32Array.from(values),
  dims: [rows, values.length / rows],
});

describe('isBatchable', () => {
  it('needs one and the same free first axis of every input and output', () => {
    expect(isBatchable([{ shape: ['batch', 3] }, { shape: ['batch', 8] }])).toBe(true);
    // The lip tower of SyncNet: fewer windows than frames.
    expect(isBatchable([{ shape: ['frames', 3] }, { shape: ['windows', 8] }])).toBe(false);
    expect(isBatchable([{ shape: [1, 3] }, { shape: [1, 8] }])).toBe(false);
    expect(isBatchable([{ shape: ['', 576] }, { shape: [] }])).toBe(false);
    expect(isBatchable([{}])).toBe(false);
  });
});

describe('batches of several callers', () => {
  it('come apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), (rowCounts) => {
        const parts = rowCounts.map((rows, i) => ({
          x: tensor(rows, ...Array.from({ length: 2 * rows }, (_, k) => 100 * i + k)),
        }));
        const joined = joinInputs(parts);
        expect(rowCount(joined)).toBe(rowCounts.reduce((a, b) => a + b, 0));
        expect(splitOutputs(joined, rowCounts)).toEqual(parts);
      }),
    );
  });

  it('are of equal shapes and types', () => {
    expect(batchKey({ x: tensor(1, 1, 2) })).toBe(batchKey({ x: tensor(2, 1, 2, 3, 4) }));
    expect(batchKey({ x: tensor(1, 1, 2) })).not.toBe(batchKey({ x: tensor(1, 1, 2, 3) }));
    const bytes = { data: Uint8Array.of(1, 2), dims: [1, 2] };
    expect(batchKey({ x: tensor(1, 1, 2) })).not.toBe(batchKey({ x: bytes }));
  });
});
