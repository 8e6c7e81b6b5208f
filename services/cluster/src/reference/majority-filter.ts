import { cpythonSetOrder } from './small-int-set.js';

/**
 * Which of several equally frequent labels wins: the first in the reference's order of a Python set, or the label the
 * middle frame has already (else the lowest).
 */
export type TieRule = 'pythonSet' | 'keepCurrent';

/**
 * Replaces each label by the most frequent one in a window of windowFrames around it; sequences no longer than the window
 * stay as they are. The window runs forward from frame i and its winner is written to frame i + windowFrames / 2 (rounded
 * down), shortened at the end; the frames before the first winner repeat it.
 * Equal to voxconverse.utils.majority_filter_traditional with the tie rule `pythonSet`.
 *
 * @param labels whole numbers, -1 for unknown
 */
export function majorityFilter(
  labels: ArrayLike<number>,
  windowFrames: number,
  tieRule: TieRule,
): Int32Array {
  const length = labels.length;
  const filtered = Int32Array.from(labels);
  if (length <= windowFrames) return filtered;

  const half = windowFrames >> 1;
  const counts = new Map<number, number>();
  const add = (frame: number, step: number): void => {
    const label = labels[frame]!;
    counts.set(label, (counts.get(label) ?? 0) + step);
  };
  for (let frame = 0; frame < windowFrames - 1; frame++) add(frame, 1);
  for (let start = 0; start + half < length; start++) {
    const end = Math.min(start + windowFrames, length);
    if (start + windowFrames <= length) add(end - 1, 1);
    filtered[start + half] = mostFrequent(
      labels,
      start,
      end,
      counts,
      tieRule,
      labels[start + half]!,
    );
    add(start, -1);
  }
  filtered.fill(filtered[half]!, 0, half);
  return filtered;
}

function mostFrequent(
  labels: ArrayLike<number>,
  start: number,
  end: number,
  counts: ReadonlyMap<number, number>,
  tieRule: TieRule,
  current: number,
): number {
  let most = 0;
  let winner = current;
  let isTie = false;
  for (const [label, count] of counts) {
    if (count > most) {
      most = count;
      winner = label;
      isTie = false;
    } else if (count === most) {
      isTie = true;
    }
  }
  if (!isTie) return winner;
  if (tieRule === 'keepCurrent') {
    if (counts.get(current) === most) return current;
    return Math.min(...[...counts].filter(([, count]) => count === most).map(([label]) => label));
  }
  const window: number[] = [];
  for (let frame = start; frame < end; frame++) window.push(labels[frame]!);
  for (const label of cpythonSetOrder(window)) if (counts.get(label) === most) return label;
  return winner;
}
