import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { weightedLinkage, type Merge } from './weighted-linkage.js';

/** The definition: merge the two groups whose weighted mean pair distance is smallest. */
function byDefinition(distances: Float32Array, weights: Float64Array): Merge[] {
  const count = weights.length;
  const groups = Array.from({ length: count }, (_, i) => [i]);
  const merges: Merge[] = [];
  while (groups.length > 1) {
    let best: Merge & { a: number; b: number } = {
      from: 0,
      into: 0,
      distance: Infinity,
      a: 0,
      b: 0,
    };
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        let sum = 0;
        let total = 0;
        for (const i of groups[a]!) {
          for (const j of groups[b]!) {
            sum += weights[i]! * weights[j]! * distances[i * count + j]!;
            total += weights[i]! * weights[j]!;
          }
        }
        const distance = sum / total;
        if (distance < best.distance - 1e-9)
          best = { from: groups[b]![0]!, into: groups[a]![0]!, distance, a, b };
      }
    }
    merges.push({ from: best.from, into: best.into, distance: best.distance });
    groups[best.a]!.push(...groups[best.b]!);
    groups.splice(best.b, 1);
  }
  return merges;
}

describe('weightedLinkage', () => {
  it('merges as the definition of weighted average linkage says', () => {
    const cases = fc.integer({ min: 1, max: 7 }).chain((count) =>
      fc.record({
        pairs: fc.array(fc.double({ min: -5, max: 50, noNaN: true }), {
          minLength: count * count,
          maxLength: count * count,
        }),
        weights: fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), {
          minLength: count,
          maxLength: count,
        }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ pairs, weights }) => {
        const count = weights.length;
        const distances = new Float32Array(count * count);
        for (let i = 0; i < count; i++) {
          for (let j = 0; j < i; j++)
            distances[i * count + j] = distances[j * count + i] =
              pairs[i * count + j]! + 0.01 * (i * count + j);
        }
        const expected = byDefinition(distances, Float64Array.from(weights));
        const found = weightedLinkage(distances.slice(), Float64Array.from(weights));
        expect(found.length).toBe(expected.length);
        for (const [k, merge] of found.entries())
          expect(merge.distance).toBeCloseTo(expected[k]!.distance, 3);
      }),
    );
  });

  it('has nothing to merge in one item or none', () => {
    expect(weightedLinkage(new Float32Array(1), Float64Array.of(1))).toEqual([]);
    expect(weightedLinkage(new Float32Array(0), new Float64Array(0))).toEqual([]);
  });
});
