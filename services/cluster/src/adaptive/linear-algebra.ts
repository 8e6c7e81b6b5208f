/** Small dense symmetric matrices, row-major, shape (size, size). Indexes stay in bounds by construction. */

/** Lower triangle L with L L' = matrix. @throws RangeError when the matrix is not positive definite */
export function cholesky(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      if (i !== j) {
        lower[i * size + j] = sum / lower[j * size + j]!;
      } else {
        if (!(sum > 0)) throw new RangeError('matrix is not positive definite');
        lower[i * size + i] = Math.sqrt(sum);
      }
    }
  }
  return lower;
}

/** Solves L y = x in place. */
export function forwardSubstitute(lower: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = x[i]!;
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * x[k]!;
    x[i] = sum / lower[i * size + i]!;
  }
}

/** Trace of inverse(L L') times matrix. */
export function traceOfSolve(lower: Float64Array, size: number, matrix: Float64Array): number {
  // trace(L^-T L^-1 M) = trace(L^-1 M L^-T): solve for the columns, then for the rows.
  const half = new Float64Array(size * size);
  const column = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) column[i] = matrix[i * size + j]!;
    forwardSubstitute(lower, size, column);
    for (let i = 0; i < size; i++) half[i * size + j] = column[i]!;
  }
  let trace = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) column[j] = half[i * size + j]!;
    forwardSubstitute(lower, size, column);
    trace += column[i]!;
  }
  return trace;
}

export interface Eigen {
  /** Not sorted. */
  readonly values: Float64Array;
  /** Row k is the unit vector of value k. */
  readonly vectors: Float64Array;
}

/** Eigenvalues and vectors of a symmetric matrix by cyclic Jacobi rotations. */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = matrix.slice();
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let i = 0; i < size; i++) {
      diagonal += a[i * size + i]! ** 2;
      for (let j = 0; j < i; j++) off += a[i * size + j]! ** 2;
    }
    if (off <= 1e-24 * diagonal) break;
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, vectors, size, p, q);
    }
  }
  return { values: Float64Array.from({ length: size }, (_, i) => a[i * size + i]!), vectors };
}

function rotate(a: Float64Array, vectors: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cos = 1 / Math.sqrt(t * t + 1);
  const sin = t * cos;
  for (let k = 0; k < size; k++) {
    const kp = a[k * size + p]!;
    const kq = a[k * size + q]!;
    a[k * size + p] = cos * kp - sin * kq;
    a[k * size + q] = sin * kp + cos * kq;
  }
  for (let k = 0; k < size; k++) {
    const pk = a[p * size + k]!;
    const qk = a[q * size + k]!;
    a[p * size + k] = cos * pk - sin * qk;
    a[q * size + k] = sin * pk + cos * qk;
    const vp = vectors[p * size + k]!;
    const vq = vectors[q * size + k]!;
    vectors[p * size + k] = cos * vp - sin * vq;
    vectors[q * size + k] = sin * vp + cos * vq;
  }
}
