import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignMinCost, pairMaxWeight } from './assignment.js';

/** Best value over all ways to give each of the first rows its own column; rows may stay without one. */
function best(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): number {
  const used = new Set<number>();
  const walk = (row: number): number => {
    if (row === rows) return 0;
    let top = walk(row + 1);
    for (let column = 0; column < columns; column++) {
      if (used.has(column)) continue;
      used.add(column);
      top = Math.max(top, value(row, column) + walk(row + 1));
      used.delete(column);
    }
    return top;
  };
  return walk(0);
}

const shape = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }));
const problem = shape.chain(([rows, columns]) =>
  fc.record({
    rows: fc.constant(rows),
    columns: fc.constant(columns),
    primary: fc.array(fc.nat(4), { minLength: rows * columns, maxLength: rows * columns }),
    secondary: fc.array(fc.nat(4), { minLength: rows * columns, maxLength: rows * columns }),
  }),
);

describe('assignMinCost', () => {
  it('solves a known case', () => {
    const cost = Float64Array.from([4, 1, 3, 2, 0, 5, 3, 2, 2]);
    expect([...assignMinCost(cost, 3, 3)]).toEqual([1, 0, 2]);
  });

  it('has nothing to assign where one side is empty', () => {
    expect([...assignMinCost(new Float64Array(0), 2, 0)]).toEqual([-1, -1]);
    expect([...assignMinCost(new Float64Array(0), 0, 3)]).toEqual([]);
  });

  it('is as cheap as the best of all assignments and fills the smaller side', () => {
    fc.assert(
      fc.property(problem, ({ rows, columns, primary }) => {
        const result = assignMinCost(Float64Array.from(primary), rows, columns);
        const used = [...result].filter((column) => column >= 0);
        expect(new Set(used).size).toBe(used.length);
        expect(used.length).toBe(Math.min(rows, columns));
        // With a large bonus a pairing never leaves out a row that can have a column.
        const bonus = 1000;
        const optimum = best(rows, columns, (r, c) => bonus - primary[r * columns + c]!);
        const total = [...result].reduce(
          (sum, column, row) => (column < 0 ? sum : sum + bonus - primary[row * columns + column]!),
          0,
        );
        expect(total).toBe(optimum);
      }),
    );
  });
});

describe('pairMaxWeight', () => {
  it('maximises the first weight and then the second', () => {
    fc.assert(
      fc.property(problem, ({ rows, columns, primary, secondary }) => {
        const result = pairMaxWeight(
          Float64Array.from(primary),
          Float64Array.from(secondary),
          rows,
          columns,
        );
        const used = [...result].filter((column) => column >= 0);
        expect(new Set(used).size).toBe(used.length);
        const combined = (r: number, c: number): number =>
          primary[r * columns + c]! * 1000 + secondary[r * columns + c]!;
        const total = [...result].reduce(
          (sum, column, row) => (column < 0 ? sum : sum + combined(row, column)),
          0,
        );
        expect(total).toBe(best(rows, columns, combined));
      }),
    );
  });

  it('leaves rows alone that share nothing with any column', () => {
    const none = new Float64Array(2);
    expect([...pairMaxWeight(none, none, 1, 2)]).toEqual([-1]);
  });
});
