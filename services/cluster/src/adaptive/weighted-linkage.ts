/** One merge: group `from` joins group `into` (both named by their first member's index). */
export interface Merge {
  readonly from: number;
  readonly into: number;
  readonly distance: number;
}

/**
 * Average linkage with weighted items: the distance of two groups is the weighted mean over all pairs of members.
 * Nearest neighbours are remembered, so that it takes O(n²) time in practice. Ties go to the smaller indexes.
 * @param distances full symmetric matrix, shape (n, n), overwritten; the diagonal is not read
 * @param weights positive, shape (n)
 * @returns n - 1 merges in ascending order of distance; `into` is smaller than `from`
 */
export function weightedLinkage(distances: Float32Array, weights: Float64Array): Merge[] {
  const count = weights.length;
  const groupWeight = weights.slice();
  const alive = Array.from({ length: count }, (_, i) => i);
  const nearest = new Int32Array(count);
  const findNearest = (item: number): void => {
    let best = Infinity;
    for (const other of alive) {
      if (other !== item && distances[item * count + other]! < best) {
        best = distances[item * count + other]!;
        nearest[item] = other;
      }
    }
  };
  for (const item of alive) findNearest(item);

  const merges: Merge[] = [];
  while (alive.length > 1) {
    let first = alive[0]!;
    for (const item of alive) {
      if (distances[item * count + nearest[item]!]! < distances[first * count + nearest[first]!]!)
        first = item;
    }
    const into = Math.min(first, nearest[first]!);
    const from = Math.max(first, nearest[first]!);
    merges.push({ from, into, distance: distances[into * count + from]! });
    alive.splice(alive.indexOf(from), 1);
    const total = groupWeight[into]! + groupWeight[from]!;
    for (const other of alive) {
      if (other === into) continue;
      const mean =
        (groupWeight[into]! * distances[into * count + other]! +
          groupWeight[from]! * distances[from * count + other]!) /
        total;
      distances[into * count + other] = mean;
      distances[other * count + into] = mean;
    }
    groupWeight[into] = total;
    findNearest(into);
    for (const other of alive) {
      if (other === into) continue;
      if (nearest[other] === into || nearest[other] === from) findNearest(other);
      else if (distances[other * count + into]! < distances[other * count + nearest[other]!]!)
        nearest[other] = into;
    }
  }
  return merges;
}
