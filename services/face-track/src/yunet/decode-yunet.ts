import type { Box } from '@avd/domain';
import type { Tensor } from '@avd/stage-kit';
import { suppressOverlaps } from '@avd/vision';

// Arrays are indexed with `!`: their lengths are checked against the grid first.

const STRIDES_PX = [8, 16, 32] as const;
/** Multiple of which both sides of the network's input must be. */
export const YUNET_SIZE_STEP_PX = 32;
const LANDMARKS = 5;
/** Share of overlap with a better face above which a box is dropped. */
const MAX_IOU = 0.3;

/** A face in pixels of the network's input. */
export interface YunetFace {
  readonly box: Box;
  /** Range [0, 1]. */
  readonly score: number;
  /** x, y of right eye, left eye, nose tip, right and left corner of the mouth (the person's right and left). */
  readonly landmarks: readonly number[];
  /** Its cell, counted through the three grids one after the other. */
  readonly cellIndex: number;
}

/**
 * Faces from the outputs of YuNet. Equal to the decoding of libfacedetection.train with the score of OpenCV's
 * FaceDetectorYN (square root of class and object score), real-valued boxes; tolerance 0.05 pixels.
 * @param outputs cls_s (1, cells, 1), obj_s (1, cells, 1), bbox_s (1, cells, 4), kps_s (1, cells, 10) for the strides
 *   8, 16 and 32
 * @param widthPx of the network's input, a multiple of 32
 * @param minScore only faces of at least this score are taken
 * @returns best first, not clipped to the picture
 * @throws RangeError when the outputs are not those of a picture of this size
 */
export function decodeYunet(
  outputs: Readonly<Record<string, Tensor>>,
  widthPx: number,
  heightPx: number,
  minScore: number,
): readonly YunetFace[] {
  const candidates: YunetFace[] = [];
  let firstCell = 0;
  for (const stridePx of STRIDES_PX) {
    const columns = widthPx / stridePx;
    const cells = columns * (heightPx / stridePx);
    const read = (name: string, values: number): Float32Array =>
      valuesOf(outputs, `${name}_${stridePx}`, cells * values);
    const classes = read('cls', 1);
    const objects = read('obj', 1);
    const boxes = read('bbox', 4);
    const points = read('kps', 2 * LANDMARKS);
    for (let cell = 0; cell < cells; cell++) {
      const score = Math.sqrt(clampToOne(classes[cell]!) * clampToOne(objects[cell]!));
      if (score < minScore) continue;
      const column = cell % columns;
      const row = Math.floor(cell / columns);
      const centreX = (column + boxes[cell * 4]!) * stridePx;
      const centreY = (row + boxes[cell * 4 + 1]!) * stridePx;
      const left = centreX - (Math.exp(boxes[cell * 4 + 2]!) * stridePx) / 2;
      const top = centreY - (Math.exp(boxes[cell * 4 + 3]!) * stridePx) / 2;
      const landmarks = Array.from(
        points.subarray(cell * 2 * LANDMARKS, (cell + 1) * 2 * LANDMARKS),
        (value, i) => (value + (i % 2 === 0 ? column : row)) * stridePx,
      );
      const box = { left, top, right: 2 * centreX - left, bottom: 2 * centreY - top };
      candidates.push({ box, score, landmarks, cellIndex: firstCell + cell });
    }
    firstCell += cells;
  }
  return suppressOverlaps(candidates, MAX_IOU);
}

function valuesOf(
  outputs: Readonly<Record<string, Tensor>>,
  name: string,
  length: number,
): Float32Array {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array) || data.length !== length) {
    throw new RangeError(`output ${name} has ${data?.length ?? 0} values instead of ${length}`);
  }
  return data;
}

function clampToOne(value: number): number {
  return Math.min(1, Math.max(0, value));
}
