import type { Box } from '@avd/domain';

/*
 * BlazeFace draws a square around the features of a face; S3FD and the rest of the pipeline (crops at 0.40 scale)
 * expect boxes in the manner of WIDER FACE: hairline to chin, ear to ear. The ratios are means over 91 faces of 33
 * to 400 px found by BlazeFace and by YuNet, which was trained on WIDER FACE; their spread is 4 to 8 percent.
 */
const WIDTH_RATIO = 0.92;
const HEIGHT_RATIO = 1.27;
/** Centre is this share of the width higher. */
const RISE_RATIO = 0.13;

/** Box in the manner of WIDER FACE for a square of BlazeFace. */
export function toFaceBox(square: Box): Box {
  const side = square.right - square.left;
  const centreX = (square.left + square.right) / 2;
  const centreY = (square.top + square.bottom) / 2 - RISE_RATIO * side;
  return {
    left: centreX - (WIDTH_RATIO * side) / 2,
    top: centreY - (HEIGHT_RATIO * side) / 2,
    right: centreX + (WIDTH_RATIO * side) / 2,
    bottom: centreY + (HEIGHT_RATIO * side) / 2,
  };
}
