import type { LinkageTree } from './agglomerative.js';

/**
 * Cuts a merge tree: merges at or above the threshold are undone.
 * Label numbers are those of scikit-learn 1.2 (they decide ties later on): it splits the highest node of a binary heap of
 * node numbers until enough groups exist, and a group's label is its position in the array behind that heap.
 *
 * @returns label of each item, shape (n)
 */
export function treeToLabels(tree: LinkageTree, distanceThreshold: number): Int32Array {
  const { itemCount, children, distances } = tree;
  const labels = new Int32Array(itemCount);
  if (itemCount < 2) return labels;

  let splits = 0;
  for (const distance of distances) if (distance >= distanceThreshold) splits++;

  // Negated node numbers, so that the smallest is the latest merge.
  const heap = [-(2 * itemCount - 2)];
  for (let split = 0; split < splits; split++) {
    const merge = -heap[0]! - itemCount;
    heapPush(heap, -children[2 * merge]!);
    heapPushPop(heap, -children[2 * merge + 1]!);
  }
  for (const [label, node] of heap.entries()) labelLeaves(tree, -node, label, labels);
  return labels;
}

function labelLeaves(tree: LinkageTree, root: number, label: number, labels: Int32Array): void {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node < tree.itemCount) {
      labels[node] = label;
    } else {
      const merge = node - tree.itemCount;
      stack.push(tree.children[2 * merge]!, tree.children[2 * merge + 1]!);
    }
  }
}

function heapPush(heap: number[], value: number): void {
  heap.push(value);
  siftTowardsRoot(heap, 0, heap.length - 1);
}

/** Adds the value, then takes the smallest out. The layout left behind follows CPython's heapq. */
function heapPushPop(heap: number[], value: number): void {
  if (heap[0]! >= value) return;
  // CPython lets the smaller child rise all the way to a leaf and only then sifts the value back up.
  let position = 0;
  let child = 1;
  while (child < heap.length) {
    if (child + 1 < heap.length && heap[child]! >= heap[child + 1]!) child++;
    heap[position] = heap[child]!;
    position = child;
    child = 2 * position + 1;
  }
  heap[position] = value;
  siftTowardsRoot(heap, 0, position);
}

function siftTowardsRoot(heap: number[], root: number, start: number): void {
  const value = heap[start]!;
  let position = start;
  while (position > root) {
    const parent = (position - 1) >> 1;
    if (value >= heap[parent]!) break;
    heap[position] = heap[parent]!;
    position = parent;
  }
  heap[position] = value;
}
