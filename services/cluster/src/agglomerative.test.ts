import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agglomerativeAverage, averageLinkage, condensedIndex } from './agglomerative.js';

interface AgglomerativeCase {
  readonly threshold: number;
  readonly dist: number[][];
  readonly labels: number[];
  readonly children: number[][];
  readonly distances: number[];
}

function condense(matrix: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from(matrix.flatMap((row, i) => row.slice(i + 1)));
}

describe.skipIf(!hasShared)('average linkage against scikit-learn', () => {
  const { cases } = hasShared
    ? new GoldenCase('diarizer/units').values<{
        agglomerative_average_precomputed: { cases: AgglomerativeCase[] };
      }>().agglomerative_average_precomputed
    : { cases: [] };

  it('gives the same labels, numbers included, on every vector', () => {
    expect(cases.length).toBeGreaterThan(20);
    for (const { dist, threshold, labels } of cases) {
      expect([...agglomerativeAverage(condense(dist), dist.length, threshold)]).toEqual(labels);
    }
  });

  it('builds the same tree on every vector', () => {
    for (const { dist, children, distances } of cases) {
      const tree = averageLinkage(condense(dist), dist.length);
      expect([...tree.children]).toEqual(children.flat());
      expect(tree.distances.length).toBe(distances.length);
      for (const [k, distance] of distances.entries()) {
        expect(tree.distances[k]).toBeCloseTo(distance, 12);
      }
    }
  });
});

/** The definition: merge the two groups with the smallest mean distance until none is below the threshold. */
function slowAverageLinkage(matrix: number[][], threshold: number): number[][] {
  const groups = matrix.map((_, item) => [item]);
  for (;;) {
    let best = threshold;
    let pair: [number, number] | undefined;
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        let sum = 0;
        for (const i of groups[a]!) for (const j of groups[b]!) sum += matrix[i]![j]!;
        const mean = sum / (groups[a]!.length * groups[b]!.length);
        if (mean < best) {
          best = mean;
          pair = [a, b];
        }
      }
    }
    if (pair === undefined) return groups;
    groups[pair[0]]!.push(...groups[pair[1]]!);
    groups.splice(pair[1], 1);
  }
}

// Different distances only: equal ones may be merged in either order.
const symmetricMatrix = fc.integer({ min: 1, max: 14 }).chain((itemCount) => {
  const pairCount = (itemCount * (itemCount - 1)) / 2;
  return fc
    .uniqueArray(fc.integer({ min: 0, max: 1e9 }), { minLength: pairCount, maxLength: pairCount })
    .map((condensed) =>
      Array.from({ length: itemCount }, (_, i) =>
        Array.from({ length: itemCount }, (_, j) =>
          i === j ? 0 : condensed[condensedIndex(itemCount, Math.min(i, j), Math.max(i, j))]! / 1e9,
        ),
      ),
    );
});

describe('average linkage', () => {
  it('finds the groups of the plain definition', () => {
    fc.assert(
      fc.property(
        symmetricMatrix,
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (matrix, limit) => {
          const labels = agglomerativeAverage(condense(matrix), matrix.length, limit);
          const expected = slowAverageLinkage(matrix, limit);
          for (const group of expected) expect(new Set(group.map((i) => labels[i])).size).toBe(1);
          expect(new Set(labels).size).toBe(expected.length);
        },
      ),
    );
  });

  it('numbers the groups from 0 without a hole', () => {
    fc.assert(
      fc.property(symmetricMatrix, (matrix) => {
        const labels = agglomerativeAverage(condense(matrix), matrix.length, 0.4);
        expect(new Set(labels)).toEqual(new Set(Array(new Set(labels).size).keys()));
      }),
    );
  });

  it('does not merge at exactly the threshold', () => {
    expect([...agglomerativeAverage(Float64Array.of(0.3), 2, 0.3)]).toEqual([1, 0]);
  });

  it('accepts no item and one item', () => {
    expect([...agglomerativeAverage(new Float32Array(0), 0, 0.3)]).toEqual([]);
    expect([...agglomerativeAverage(new Float32Array(0), 1, 0.3)]).toEqual([0]);
  });

  it('refuses a matrix of the wrong size', () => {
    expect(() => averageLinkage(new Float32Array(4), 3)).toThrow(/3 items/);
  });

  it('keeps 3000 items well below a few seconds', () => {
    const itemCount = 3000;
    const distances = new Float32Array((itemCount * (itemCount - 1)) / 2);
    for (let i = 0, position = 0; i < itemCount; i++) {
      for (let j = i + 1; j < itemCount; j++, position++) {
        const noise = ((i * 7919 + j * 104729) % 1000) / 5000;
        distances[position] = i % 7 === j % 7 ? 0.1 + noise : 0.7 + noise;
      }
    }
    const startMs = performance.now();
    const labels = agglomerativeAverage(distances, itemCount, 0.4);
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(new Set(labels).size).toBe(7);
    for (let i = 7; i < itemCount; i++) expect(labels[i]).toBe(labels[i % 7]);
  });
});
