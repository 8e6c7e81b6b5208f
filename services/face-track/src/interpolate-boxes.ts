import type { Box } from '@avd/domain';

/**
 * Boxes for every frame of [startFrame, endFrame): linear between the frames given, held before the first and
 * after the last one. Equal to numpy.interp on each coordinate, also where a frame is given twice (the last one counts).
 *
 * @param known at least one, by rising frame
 * @returns 4 numbers a frame: left, top, right, bottom
 */
export function interpolateBoxes(
  known: readonly { readonly frame: number; readonly box: Box }[],
  startFrame: number,
  endFrame: number,
): number[] {
  const boxes: number[] = [];
  let at = 0;
  for (let frame = startFrame; frame < endFrame; frame++) {
    while (at + 1 < known.length && known[at + 1]!.frame <= frame) at++;
    const before = known[at]!;
    const after = known[at + 1];
    if (after === undefined || frame <= before.frame) {
      boxes.push(before.box.left, before.box.top, before.box.right, before.box.bottom);
      continue;
    }
    const span = after.frame - before.frame;
    const passed = frame - before.frame;
    // The order of operations is numpy's, for equal rounding.
    const between = (from: number, to: number): number => ((to - from) / span) * passed + from;
    boxes.push(
      between(before.box.left, after.box.left),
      between(before.box.top, after.box.top),
      between(before.box.right, after.box.right),
      between(before.box.bottom, after.box.bottom),
    );
  }
  return boxes;
}
