import { describe, expect, it } from 'vitest';
import { condensedCosineDistances, normalizeRows } from './agglomerative-cosine.js';

describe('cosine distances of rows', () => {
  it('lists the pairs row by row above the diagonal', () => {
    const rows = { data: Float32Array.of(2, 0, 0, 3, -1, 0), rowCount: 3, columnCount: 2 };
    expect([...condensedCosineDistances(rows)]).toEqual([1, 2, 1]);
  });

  it('sums columns beyond a multiple of four', () => {
    const data = new Float32Array(2 * 7).fill(1);
    data[6] = -6;
    const [distance] = condensedCosineDistances({ data, rowCount: 2, columnCount: 7 });
    expect(distance).toBeCloseTo(1, 6);
  });

  it('puts a row of zeros at distance 1 from everything', () => {
    const rows = { data: Float32Array.of(0, 0, 1, 2), rowCount: 2, columnCount: 2 };
    expect([...condensedCosineDistances(rows)]).toEqual([1]);
    expect([...normalizeRows(rows).data.subarray(0, 2)]).toEqual([0, 0]);
  });
});
