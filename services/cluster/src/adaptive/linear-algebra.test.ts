import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cholesky, forwardSubstitute, symmetricEigen, traceOfSolve } from './linear-algebra.js';

const size = 5;
/** A A' + I of random A: symmetric, positive definite. */
const positiveDefinite = fc
  .array(fc.double({ min: -2, max: 2, noNaN: true }), {
    minLength: size * size,
    maxLength: size * size,
  })
  .map((a) => {
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        let sum = i === j ? 1 : 0;
        for (let k = 0; k < size; k++) sum += a[i * size + k]! * a[j * size + k]!;
        matrix[i * size + j] = sum;
      }
    }
    return matrix;
  });

describe('small symmetric matrices', () => {
  it('are the product of their Cholesky factor and its transpose', () => {
    fc.assert(
      fc.property(positiveDefinite, (matrix) => {
        const lower = cholesky(matrix, size);
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            let sum = 0;
            for (let k = 0; k < size; k++) sum += lower[i * size + k]! * lower[j * size + k]!;
            expect(sum).toBeCloseTo(matrix[i * size + j]!, 9);
          }
        }
      }),
    );
  });

  it('are refused when not positive definite', () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(RangeError);
  });

  it('have eigenvectors that they only stretch', () => {
    fc.assert(
      fc.property(positiveDefinite, (matrix) => {
        const { values, vectors } = symmetricEigen(matrix, size);
        for (let k = 0; k < size; k++) {
          for (let i = 0; i < size; i++) {
            let sum = 0;
            for (let j = 0; j < size; j++) sum += matrix[i * size + j]! * vectors[k * size + j]!;
            expect(sum).toBeCloseTo(values[k]! * vectors[k * size + i]!, 7);
          }
        }
      }),
    );
  });

  it('solve to a trace of the size for themselves', () => {
    fc.assert(
      fc.property(positiveDefinite, (matrix) => {
        expect(traceOfSolve(cholesky(matrix, size), size, matrix)).toBeCloseTo(size, 8);
      }),
    );
  });

  it('are solved by forward substitution', () => {
    const x = Float64Array.of(2, 7);
    forwardSubstitute(Float64Array.of(2, 0, 1, 3), 2, x);
    expect([...x]).toEqual([1, 2]);
  });
});
