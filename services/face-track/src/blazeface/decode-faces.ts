import type { Box } from '@avd/domain';
import type { Tensor } from '@avd/stage-kit';

// Arrays are indexed with `!`: their lengths follow from the size of the picture.

/** Numbers per anchor: centre x, centre y, width, height, then six key points. */
const VALUES_PER_ANCHOR = 16;
/** Cell size in pixels, anchors in each cell, names of the outputs. */
const GRIDS = [
  { cellPx: 16, anchorsPerCell: 2, scores: 'scores16', boxes: 'boxes16' },
  { cellPx: 32, anchorsPerCell: 6, scores: 'scores32', boxes: 'boxes32' },
] as const;

/** Multiple of which the sides of a picture must be. */
export const BLAZEFACE_SIZE_STEP = 32;

/** A face as the network draws it: a square from the eyebrows to the chin. */
export interface FaceCandidate {
  readonly box: Box;
  /** Range [0, 1]. */
  readonly score: number;
}

/**
 * Faces in the outputs of BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047; back camera model): box = raw
 * numbers in pixels around the centre of the anchor's cell, score = sigmoid of the logit.
 *
 * @param widthPx width of the picture the network saw
 * @returns all anchors with at least this score, overlapping as they are, in pixels of that picture
 */
export function decodeFaces(
  outputs: Readonly<Record<string, Tensor>>,
  widthPx: number,
  minScore: number,
): FaceCandidate[] {
  const minLogit = Math.log(minScore / (1 - minScore));
  const faces: FaceCandidate[] = [];
  for (const { cellPx, anchorsPerCell, scores, boxes } of GRIDS) {
    const logits = outputs[scores]!.data as Float32Array;
    const values = outputs[boxes]!.data as Float32Array;
    const cellsPerRow = widthPx / cellPx;
    for (let anchor = 0; anchor < logits.length; anchor++) {
      const logit = logits[anchor]!;
      if (logit < minLogit) continue;
      const cell = Math.floor(anchor / anchorsPerCell);
      const at = anchor * VALUES_PER_ANCHOR;
      const centreX = values[at]! + ((cell % cellsPerRow) + 0.5) * cellPx;
      const centreY = values[at + 1]! + (Math.floor(cell / cellsPerRow) + 0.5) * cellPx;
      const halfWidth = values[at + 2]! / 2;
      const halfHeight = values[at + 3]! / 2;
      faces.push({
        box: {
          left: centreX - halfWidth,
          top: centreY - halfHeight,
          right: centreX + halfWidth,
          bottom: centreY + halfHeight,
        },
        score: 1 / (1 + Math.exp(-logit)),
      });
    }
  }
  return faces;
}
