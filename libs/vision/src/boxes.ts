import type { Box } from '@avd/domain';

/**
 * Intersection over union of two boxes, range [0, 1]; 0 when both are empty.
 * Equal to `bb_intersection_over_union` of the reference (which fails on two empty boxes).
 */
export function boxIou(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const common = width * height;
  return common / (boxArea(a) + boxArea(b) - common);
}

/** Area in square pixels. */
export function boxArea(box: Box): number {
  return (box.right - box.left) * (box.bottom - box.top);
}

/**
 * Greedy non-maximum suppression: keeps the best-scored box and drops those that overlap it by more than
 * `maxIou`, and so on. Equal scores keep the order of the list.
 *
 * @returns the kept items, best first
 */
export function suppressOverlaps<Item extends { readonly box: Box; readonly score: number }>(
  items: readonly Item[],
  maxIou: number,
): Item[] {
  const kept: Item[] = [];
  for (const item of [...items].sort((a, b) => b.score - a.score)) {
    if (kept.every((better) => boxIou(better.box, item.box) <= maxIou)) kept.push(item);
  }
  return kept;
}
