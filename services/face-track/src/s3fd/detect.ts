/** Probability above which a place is looked at, and how many of the best enter the suppression. */
const MIN_SCORE = 0.05;
const MAX_CANDIDATES = 5000;
/** Boxes which overlap a better one by more are dropped; the search ends when so many are kept. */
const MAX_IOU = 0.3;
const MAX_KEPT = 750;
/** How strongly the outputs move the centre and the size of a prior box. */
const CENTRE_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;

/** Face in shares of the picture. */
export interface S3fdBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly score: number;
  /** Its place in the outputs of the network. */
  readonly placeIndex: number;
}

/**
 * Boxes of all places from what the network says about its prior boxes.
 * Equal to `decode` of av-diarization; tolerance 2e-6.
 * @param loc offsets, shape (places, 4)
 * @param priors shape (places, 4)
 * @returns left, top, right, bottom as shares of the picture, not clipped; shape (places, 4)
 */
export function decodeS3fdBoxes(loc: Float32Array, priors: Float32Array): Float32Array {
  const boxes = new Float32Array(loc.length);
  for (let i = 0; i < loc.length; i += 4) {
    const priorWidth = priors[i + 2]!;
    const priorHeight = priors[i + 3]!;
    const width = priorWidth * Math.exp(loc[i + 2]! * SIZE_VARIANCE);
    const height = priorHeight * Math.exp(loc[i + 3]! * SIZE_VARIANCE);
    const left = priors[i]! + loc[i]! * CENTRE_VARIANCE * priorWidth - width / 2;
    const top = priors[i + 1]! + loc[i + 1]! * CENTRE_VARIANCE * priorHeight - height / 2;
    boxes[i] = left;
    boxes[i + 1] = top;
    boxes[i + 2] = left + width;
    boxes[i + 3] = top + height;
  }
  return boxes;
}

/**
 * Boxes of a picture without those that overlap a better one. Equal to `Detect` of av-diarization (class 1): same
 * boxes, values within 2e-6. Equal scores: lower place first (the order is undefined there).
 * @param loc shape (places, 4)
 * @param scores probability of a face, shape (places)
 * @param priors shape (places, 4)
 * @returns best first, 750 at most
 * @throws RangeError when the lengths do not agree
 */
export function detectS3fd(
  loc: Float32Array,
  scores: Float32Array,
  priors: Float32Array,
): readonly S3fdBox[] {
  if (loc.length !== scores.length * 4 || priors.length !== loc.length) {
    throw new RangeError(
      `${loc.length} offsets and ${priors.length} prior values for ${scores.length} scores`,
    );
  }
  const candidates: number[] = [];
  for (let place = 0; place < scores.length; place++) {
    if (scores[place]! > MIN_SCORE) candidates.push(place);
  }
  candidates.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const boxes = decodeS3fdBoxes(loc, priors);
  const kept: number[] = [];
  for (const place of candidates.slice(0, MAX_CANDIDATES)) {
    if (kept.length === MAX_KEPT) break;
    if (kept.every((better) => iou(boxes, better * 4, place * 4) <= MAX_IOU)) kept.push(place);
  }
  return kept.map((placeIndex) => ({
    left: boxes[placeIndex * 4]!,
    top: boxes[placeIndex * 4 + 1]!,
    right: boxes[placeIndex * 4 + 2]!,
    bottom: boxes[placeIndex * 4 + 3]!,
    score: scores[placeIndex]!,
    placeIndex,
  }));
}

/** Intersection over union of two boxes of a list; NaN for two empty ones, which then counts as an overlap. */
function iou(boxes: Float32Array, a: number, b: number): number {
  const width = Math.min(boxes[a + 2]!, boxes[b + 2]!) - Math.max(boxes[a]!, boxes[b]!);
  const height = Math.min(boxes[a + 3]!, boxes[b + 3]!) - Math.max(boxes[a + 1]!, boxes[b + 1]!);
  const common = Math.max(0, width) * Math.max(0, height);
  return common / (areaOf(boxes, a) + areaOf(boxes, b) - common);
}

function areaOf(boxes: Float32Array, at: number): number {
  return (boxes[at + 2]! - boxes[at]!) * (boxes[at + 3]! - boxes[at + 1]!);
}
