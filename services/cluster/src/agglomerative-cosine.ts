/** Rows of numbers, row-major: shape (rowCount, columnCount). */
export interface RowMatrix {
  readonly data: Float32Array;
  readonly rowCount: number;
  readonly columnCount: number;
}

/** Copy with every row scaled to length 1; rows of zeros stay zeros. */
export function normalizeRows(rows: RowMatrix): RowMatrix {
  const { rowCount, columnCount } = rows;
  const data = new Float32Array(rowCount * columnCount);
  for (let row = 0; row < rowCount; row++) {
    const start = row * columnCount;
    let squares = 0;
    for (let k = start; k < start + columnCount; k++) squares += rows.data[k]! * rows.data[k]!;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let k = start; k < start + columnCount; k++) data[k] = rows.data[k]! * scale;
  }
  return { data, rowCount, columnCount };
}

/** Dot product of a row of `a` with a row of `b` (equal column counts), summed in double precision. */
export function rowDot(a: RowMatrix, rowA: number, b: RowMatrix, rowB: number): number {
  const { columnCount } = a;
  const startA = rowA * columnCount;
  const startB = rowB * columnCount;
  // Four sums let the processor overlap the additions.
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const fours = columnCount & ~3;
  for (let k = 0; k < fours; k += 4) {
    sum0 += a.data[startA + k]! * b.data[startB + k]!;
    sum1 += a.data[startA + k + 1]! * b.data[startB + k + 1]!;
    sum2 += a.data[startA + k + 2]! * b.data[startB + k + 2]!;
    sum3 += a.data[startA + k + 3]! * b.data[startB + k + 3]!;
  }
  for (let k = fours; k < columnCount; k++) sum0 += a.data[startA + k]! * b.data[startB + k]!;
  return sum0 + sum1 + (sum2 + sum3);
}

/**
 * Condensed matrix of 1 - cosine between all pairs of rows, ready for `agglomerativeAverage`.
 * A row of zeros has distance 1 to every row.
 *
 * @returns shape (n (n - 1) / 2), upper triangle row by row, range [0, 2] up to rounding
 */
export function condensedCosineDistances(rows: RowMatrix): Float32Array {
  const unit = normalizeRows(rows);
  const { rowCount } = unit;
  const distances = new Float32Array((rowCount * (rowCount - 1)) / 2);
  let position = 0;
  for (let i = 0; i < rowCount; i++) {
    for (let j = i + 1; j < rowCount; j++) distances[position++] = 1 - rowDot(unit, i, unit, j);
  }
  return distances;
}
