import { AvdError } from '@avd/domain';
import { treeToLabels } from './agglomerative-labels.js';

/** Binary merge tree over n items. Node k < n is item k; node n + m is the m-th merge, distances ascending. */
export interface LinkageTree {
  readonly itemCount: number;
  /** Two node numbers a merge, the smaller first; shape (n - 1, 2). */
  readonly children: Int32Array;
  /** Distance of each merge, ascending; shape (n - 1). */
  readonly distances: Float64Array;
}

/** Position of the pair (i, j), i < j, in a condensed (row-major upper triangle) distance matrix of n items. */
export function condensedIndex(itemCount: number, i: number, j: number): number {
  return itemCount * i - (i * (i + 1)) / 2 + (j - i - 1);
}

/**
 * Groups items by average linkage: two groups join while the mean distance between their members is below the threshold.
 * Equal to scikit-learn's AgglomerativeClustering(metric precomputed, linkage average, distance_threshold), label numbers included.
 *
 * @param distances condensed distances, shape (n (n - 1) / 2), overwritten; Float32Array halves the memory
 * @returns group number of each item, shape (n)
 * @throws AvdError kind `internal` when the length of distances does not fit itemCount
 */
export function agglomerativeAverage(
  distances: Float32Array | Float64Array,
  itemCount: number,
  distanceThreshold: number,
): Int32Array {
  return treeToLabels(averageLinkage(distances, itemCount), distanceThreshold);
}

/**
 * Average linkage (UPGMA) by the nearest-neighbour chain of Müllner, "Modern hierarchical, agglomerative clustering
 * algorithms" (2011): O(n²) time, no memory beside the matrix. Ties fall as in scipy.cluster.hierarchy.linkage.
 *
 * @param distances condensed distances, shape (n (n - 1) / 2), overwritten; finite numbers
 * @throws AvdError kind `internal` when the length of distances does not fit itemCount
 */
export function averageLinkage(
  distances: Float32Array | Float64Array,
  itemCount: number,
): LinkageTree {
  if (distances.length !== (itemCount * (itemCount - 1)) / 2) {
    throw new AvdError(
      'internal',
      'BAD_DISTANCE_MATRIX',
      `A condensed distance matrix of ${itemCount} items cannot have ${distances.length} entries.`,
    );
  }
  const mergeCount = Math.max(0, itemCount - 1);
  const left = new Int32Array(mergeCount);
  const right = new Int32Array(mergeCount);
  const mergeDistances = new Float64Array(mergeCount);

  // Group sizes; 0 marks an item that now lives on under a larger index.
  const sizes = new Int32Array(itemCount).fill(1);
  const chain = new Int32Array(itemCount);
  let chainLength = 0;
  let firstAlive = 0;
  for (let merge = 0; merge < mergeCount; merge++) {
    if (chainLength === 0) {
      while (sizes[firstAlive] === 0) firstAlive++;
      chain[chainLength++] = firstAlive;
    }
    let pair = followChain(distances, sizes, chain, chainLength);
    while (pair.grown) {
      chainLength++;
      pair = followChain(distances, sizes, chain, chainLength);
    }
    chainLength -= 2;
    const low = Math.min(pair.tip, pair.neighbour);
    const high = Math.max(pair.tip, pair.neighbour);
    left[merge] = low;
    right[merge] = high;
    mergeDistances[merge] = pair.distance;
    mergeRows(distances, sizes, low, high);
  }
  return orderMerges(itemCount, left, right, mergeDistances);
}

interface ChainStep {
  readonly tip: number;
  readonly neighbour: number;
  readonly distance: number;
  /** True when the nearest neighbour was appended to the chain, false when tip and neighbour are mutual nearest. */
  readonly grown: boolean;
}

function followChain(
  distances: Float32Array | Float64Array,
  sizes: Int32Array,
  chain: Int32Array,
  chainLength: number,
): ChainStep {
  const itemCount = sizes.length;
  const tip = chain[chainLength - 1]!;
  const previous = chainLength > 1 ? chain[chainLength - 2]! : -1;
  let nearest = previous;
  // The previous element wins ties, else the chain could run in a circle.
  let best = Infinity;
  if (previous >= 0) {
    best = distances[condensedIndex(itemCount, Math.min(tip, previous), Math.max(tip, previous))]!;
  }
  let position = tip - 1;
  for (let i = 0; i < tip; i++) {
    if (sizes[i] !== 0) {
      const distance = distances[position]!;
      if (distance < best) {
        best = distance;
        nearest = i;
      }
    }
    position += itemCount - i - 2;
  }
  position = condensedIndex(itemCount, tip, tip + 1);
  for (let i = tip + 1; i < itemCount; i++, position++) {
    if (sizes[i] !== 0) {
      const distance = distances[position]!;
      if (distance < best) {
        best = distance;
        nearest = i;
      }
    }
  }
  const grown = nearest !== previous;
  if (grown) chain[chainLength] = nearest;
  return { tip, neighbour: nearest, distance: best, grown };
}

/** Group `low` ceases, group `high` stands for both: distances become size-weighted means. */
function mergeRows(
  distances: Float32Array | Float64Array,
  sizes: Int32Array,
  low: number,
  high: number,
): void {
  const itemCount = sizes.length;
  const lowSize = sizes[low]!;
  const highSize = sizes[high]!;
  const total = lowSize + highSize;
  sizes[low] = 0;
  sizes[high] = total;
  let lowPosition = low - 1;
  let highPosition = high - 1;
  for (let i = 0; i < itemCount; i++) {
    if (sizes[i] !== 0 && i !== high) {
      distances[highPosition] =
        (lowSize * distances[lowPosition]! + highSize * distances[highPosition]!) / total;
    }
    // The partners of an item lie down its column above the diagonal, then along its row.
    const nextRow = itemCount - i - 2;
    lowPosition = i + 1 <= low ? lowPosition + nextRow : condensedIndex(itemCount, low, i + 1);
    highPosition = i + 1 <= high ? highPosition + nextRow : condensedIndex(itemCount, high, i + 1);
  }
}

/** Sorts the merges by distance (stable) and replaces representatives by node numbers. */
function orderMerges(
  itemCount: number,
  left: Int32Array,
  right: Int32Array,
  mergeDistances: Float64Array,
): LinkageTree {
  const mergeCount = left.length;
  const order = Array.from({ length: mergeCount }, (_, merge) => merge);
  order.sort((a, b) => mergeDistances[a]! - mergeDistances[b]!);

  const parent = new Int32Array(itemCount + mergeCount).map((_, node) => node);
  const find = (node: number): number => {
    let root = node;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = node; parent[at] !== root;) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  };

  const children = new Int32Array(2 * mergeCount);
  const distances = new Float64Array(mergeCount);
  for (const [rank, merge] of order.entries()) {
    const a = find(left[merge]!);
    const b = find(right[merge]!);
    children[2 * rank] = Math.min(a, b);
    children[2 * rank + 1] = Math.max(a, b);
    distances[rank] = mergeDistances[merge]!;
    parent[a] = itemCount + rank;
    parent[b] = itemCount + rank;
  }
  return { itemCount, children, distances };
}
