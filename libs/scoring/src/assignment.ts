/**
 * Minimum-cost assignment: every row gets its own column (or every column its own row, when there are fewer columns),
 * so that the sum of the costs is smallest. Shortest augmenting paths with row and column potentials
 * (Kuhn 1955, Jonker and Volgenant 1987), O(min^2 max).
 *
 * @param cost finite costs, shape (rowCount, columnCount), row-major; sums must be exact for ties to be exact
 * @returns column of each row, -1 where a row has none
 */
export function assignMinCost(
  cost: Float64Array,
  rowCount: number,
  columnCount: number,
): Int32Array {
  if (rowCount <= columnCount) return solve(cost, rowCount, columnCount).columnOfRow;
  const transposed = new Float64Array(cost.length);
  for (let row = 0; row < rowCount; row++) {
    for (let column = 0; column < columnCount; column++) {
      transposed[column * rowCount + row] = cost[row * columnCount + column]!;
    }
  }
  const columnOfRow = new Int32Array(rowCount).fill(-1);
  const { columnOfRow: rowOfColumn } = solve(transposed, columnCount, rowCount);
  rowOfColumn.forEach((row, column) => {
    columnOfRow[row] = column;
  });
  return columnOfRow;
}

/**
 * Pairs rows with columns so that the sum of `primary` is largest and, among all such pairings, the sum of
 * `secondary` is largest. The second weight makes the result independent of the order of rows and columns.
 *
 * @param primary, secondary integer weights >= 0, shape (rowCount, columnCount), row-major
 * @returns column of each row, -1 where a row has none or where both weights are 0
 */
export function pairMaxWeight(
  primary: Float64Array,
  secondary: Float64Array,
  rowCount: number,
  columnCount: number,
): Int32Array {
  const size = Math.max(rowCount, columnCount);
  const padded = (weight: Float64Array): Float64Array => {
    const square = new Float64Array(size * size);
    for (let row = 0; row < rowCount; row++) {
      for (let column = 0; column < columnCount; column++) {
        square[row * size + column] = -weight[row * columnCount + column]!;
      }
    }
    return square;
  };
  const cost = padded(primary);
  const { rowPotential, columnPotential } = solve(cost, size, size);
  // An assignment is optimal exactly when it uses only cells whose reduced cost is zero.
  const refined = padded(secondary);
  const forbidden = 1 - refined.reduce((sum, value) => sum + value, 0);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const cell = row * size + column;
      if (cost[cell]! - rowPotential[row]! - columnPotential[column]! > 0)
        refined[cell] = forbidden;
    }
  }
  const { columnOfRow } = solve(refined, size, size);
  return columnOfRow.slice(0, rowCount).map((column, row) => {
    if (column >= columnCount) return -1;
    const cell = row * columnCount + column;
    return primary[cell]! > 0 || secondary[cell]! > 0 ? column : -1;
  });
}

interface Solution {
  readonly columnOfRow: Int32Array;
  readonly rowPotential: Float64Array;
  readonly columnPotential: Float64Array;
}

/** Needs rowCount <= columnCount. Loops run over whole arrays made here, so indexes are in range. */
function solve(cost: Float64Array, rowCount: number, columnCount: number): Solution {
  const rowPotential = new Float64Array(rowCount);
  const columnPotential = new Float64Array(columnCount);
  const rowOfColumn = new Int32Array(columnCount).fill(-1);
  const columnOfRow = new Int32Array(rowCount).fill(-1);
  const slack = new Float64Array(columnCount);
  const cameFrom = new Int32Array(columnCount);
  const done = new Uint8Array(columnCount);

  for (let newRow = 0; newRow < rowCount; newRow++) {
    slack.fill(Infinity);
    done.fill(0);
    const visited: number[] = [];
    let row = newRow;
    let previousColumn = -1;
    let distance = 0;
    let freeColumn = -1;
    while (freeColumn < 0) {
      let nearest = -1;
      const base = row * columnCount;
      for (let column = 0; column < columnCount; column++) {
        if (done[column] === 1) continue;
        const through =
          distance + cost[base + column]! - rowPotential[row]! - columnPotential[column]!;
        if (through < slack[column]!) {
          slack[column] = through;
          cameFrom[column] = previousColumn;
        }
        if (nearest < 0 || slack[column]! < slack[nearest]!) nearest = column;
      }
      distance = slack[nearest]!;
      done[nearest] = 1;
      previousColumn = nearest;
      if (rowOfColumn[nearest]! < 0) freeColumn = nearest;
      else {
        visited.push(nearest);
        row = rowOfColumn[nearest]!;
      }
    }
    rowPotential[newRow]! += distance;
    for (const column of visited) {
      const gain = distance - slack[column]!;
      columnPotential[column]! -= gain;
      rowPotential[rowOfColumn[column]!]! += gain;
    }
    for (let column = freeColumn; column >= 0;) {
      const previous = cameFrom[column]!;
      const owner = previous < 0 ? newRow : rowOfColumn[previous]!;
      rowOfColumn[column] = owner;
      columnOfRow[owner] = column;
      column = previous;
    }
  }
  return { columnOfRow, rowPotential, columnPotential };
}
