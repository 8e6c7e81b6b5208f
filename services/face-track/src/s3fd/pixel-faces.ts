import type { FaceDetection } from '@avd/domain';
import { suppressOverlaps } from '@avd/vision';
import type { S3fdBox } from './detect.js';

/** Share of overlap from which on two faces of a frame are one. */
const MAX_IOU = 0.1;

/**
 * Faces of a frame from the boxes of the network. Equal to the second half of `S3FD.detect_faces` of av-
 * diarization (which fails when all 750 boxes are good enough); tolerance 1e-4.
 * @param boxes best first
 * @param minScore only faces above this are taken
 * @returns in pixels of the frame, best first, not clipped to it
 */
export function s3fdFaces(
  boxes: readonly S3fdBox[],
  frame: { readonly width: number; readonly height: number },
  minScore: number,
): readonly FaceDetection[] {
  // The reference multiplies in float32.
  const toX = (share: number): number => Math.fround(share * frame.width);
  const toY = (share: number): number => Math.fround(share * frame.height);
  const faces = boxes
    .filter(({ score }) => score > minScore)
    .map(({ left, top, right, bottom, score }) => ({
      box: { left: toX(left), top: toY(top), right: toX(right), bottom: toY(bottom) },
      score,
    }));
  return suppressOverlaps(faces, MAX_IOU);
}
