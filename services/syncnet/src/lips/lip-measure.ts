import {
  CHIN,
  FOREHEAD,
  INNER_LIP_PAIRS,
  LEFT_CHEEK,
  LEFT_EYE,
  MESH_SIZE_PX,
  MOUTH_CORNERS,
  NOSE_TIP,
  RIGHT_CHEEK,
  RIGHT_EYE,
} from './face-mesh-points.js';

/** Mouth region seen straight on, grey values 0..255, row-major. */
export const MOUTH_PATCH_WIDTH = 32;
export const MOUTH_PATCH_HEIGHT = 24;

/** What one frame says about one mouth. Lengths are in heights of the face, so the size of the picture drops out. */
export interface LipMeasure {
  /** Distance of the inner lips, mean of three places; closed is about 0.01, open 0.1. */
  readonly opening: number;
  /** Distance of the mouth's corners. */
  readonly width: number;
  /** Turn of the head: nose from the middle of the face, -1 (fully right) to 1. */
  readonly yaw: number;
  /** Probability that the picture shows a face. */
  readonly faceScore: number;
  readonly patch: Uint8Array;
}

/**
 * @param mesh points x, y, z, shape (468, 3), in pixels of the face picture
 * @param faceScore probability that the picture shows a face
 * @param picture RGB planes of the face picture, shape (3, 192, 192), values in [0, 1]
 */
export function measureMouth(
  mesh: Float32Array,
  faceScore: number,
  picture: Float32Array,
): LipMeasure {
  const x = (point: number): number => mesh[point * 3]!;
  const y = (point: number): number => mesh[point * 3 + 1]!;
  const distance = (a: number, b: number): number => Math.hypot(x(a) - x(b), y(a) - y(b));
  const faceHeight = Math.max(1, distance(FOREHEAD, CHIN));
  let opening = 0;
  for (const [upper, lower] of INNER_LIP_PAIRS) opening += distance(upper, lower);
  const faceWidth = Math.max(1, distance(RIGHT_CHEEK, LEFT_CHEEK));
  const middle = (x(RIGHT_CHEEK) + x(LEFT_CHEEK)) / 2;
  return {
    opening: opening / INNER_LIP_PAIRS.length / faceHeight,
    width: distance(...MOUTH_CORNERS) / faceHeight,
    yaw: (2 * (x(NOSE_TIP) - middle)) / faceWidth,
    faceScore,
    patch: mouthPatch(mesh, faceHeight, picture),
  };
}

/**
 * Cuts the region around the mouth out of the face picture, turned so that the eyes are level and scaled to the
 * face: what stays between two patches of a still head is the movement of the lips and the jaw.
 */
function mouthPatch(mesh: Float32Array, faceHeight: number, picture: Float32Array): Uint8Array {
  const mean = (points: readonly number[], axis: number): number =>
    points.reduce((sum, point) => sum + mesh[point * 3 + axis]!, 0) / points.length;
  const eyeX = mean(LEFT_EYE, 0) - mean(RIGHT_EYE, 0);
  const eyeY = mean(LEFT_EYE, 1) - mean(RIGHT_EYE, 1);
  const eyeDistance = Math.max(1e-3, Math.hypot(eyeX, eyeY));
  const cos = eyeX / eyeDistance;
  const sin = eyeY / eyeDistance;
  const centreX = mean(MOUTH_CORNERS, 0);
  const centreY = mean(MOUTH_CORNERS, 1);
  const stepPx = (0.45 * faceHeight) / MOUTH_PATCH_WIDTH;
  const patch = new Uint8Array(MOUTH_PATCH_WIDTH * MOUTH_PATCH_HEIGHT);
  for (let row = 0; row < MOUTH_PATCH_HEIGHT; row++) {
    // A third of the patch lies above the mouth, two thirds below: the jaw moves, the nose does not.
    const v = (row - MOUTH_PATCH_HEIGHT / 3) * stepPx;
    for (let column = 0; column < MOUTH_PATCH_WIDTH; column++) {
      const u = (column - (MOUTH_PATCH_WIDTH - 1) / 2) * stepPx;
      patch[row * MOUTH_PATCH_WIDTH + column] = greyAt(
        picture,
        centreX + u * cos - v * sin,
        centreY + u * sin + v * cos,
      );
    }
  }
  return patch;
}

/** Bilinear grey value; outside of the picture its border goes on. */
function greyAt(picture: Float32Array, x: number, y: number): number {
  const last = MESH_SIZE_PX - 1;
  const cx = Math.min(last, Math.max(0, x));
  const cy = Math.min(last, Math.max(0, y));
  const x0 = Math.min(last - 1, Math.floor(cx));
  const y0 = Math.min(last - 1, Math.floor(cy));
  const fx = cx - x0;
  const fy = cy - y0;
  const plane = MESH_SIZE_PX * MESH_SIZE_PX;
  const at = y0 * MESH_SIZE_PX + x0;
  let grey = 0;
  for (let channel = 0; channel < 3; channel++) {
    const i = channel * plane + at;
    const top = picture[i]! * (1 - fx) + picture[i + 1]! * fx;
    const bottom = picture[i + MESH_SIZE_PX]! * (1 - fx) + picture[i + MESH_SIZE_PX + 1]! * fx;
    grey += RGB_TO_GREY[channel]! * (top * (1 - fy) + bottom * fy);
  }
  return Math.round(grey);
}

/** Rec. 601, from values in [0, 1] to 0..255. */
const RGB_TO_GREY = [0.299 * 255, 0.587 * 255, 0.114 * 255];

/**
 * How much a mouth changed between two frames: mean absolute difference of the patches after removing their mean
 * grey (light changes) and dividing by their contrast.
 */
export function mouthMotion(before: Uint8Array, after: Uint8Array): number {
  const count = before.length;
  let sumBefore = 0;
  let sumAfter = 0;
  for (let i = 0; i < count; i++) {
    sumBefore += before[i]!;
    sumAfter += after[i]!;
  }
  const meanBefore = sumBefore / count;
  const meanAfter = sumAfter / count;
  let change = 0;
  let contrast = 0;
  for (let i = 0; i < count; i++) {
    const a = before[i]! - meanBefore;
    const b = after[i]! - meanAfter;
    change += Math.abs(a - b);
    contrast += Math.abs(a) + Math.abs(b);
  }
  return change / (contrast / 2 + count);
}
