import type { Box, FaceDetection, Shot } from '@avd/domain';
import { boxIou } from '@avd/vision';
import { interpolateBoxes } from './interpolate-boxes.js';

export interface TrackOptions {
  /** A track stands on detections for more than this many frames. */
  readonly minTrackFrames: number;
  /** Largest distance of two successive detections of a track, in frames. */
  readonly maxGapFrames: number;
  /** The larger one of mean width and mean height is above this. */
  readonly minFaceSizePx: number;
  /** Successive boxes overlap by more than this (intersection over union). */
  readonly minIou: number;
}

export const DEFAULT_TRACK_OPTIONS: TrackOptions = {
  minTrackFrames: 50,
  maxGapFrames: 25,
  minFaceSizePx: 40,
  minIou: 0.5,
};

/** Faces found frame by frame; null where the detector did not look. */
export type DetectionsByFrame = readonly (readonly FaceDetection[] | null)[];

/** A face followed through [startFrame, endFrame); boxes have 4 numbers a frame: left, top, right, bottom. */
export interface LinkedFace {
  readonly startFrame: number;
  readonly endFrame: number;
  readonly boxes: readonly number[];
}

interface Sighting {
  readonly frame: number;
  readonly box: Box;
}

/**
 * Links the detections of one shot to tracks and fills their gaps.
 *
 * Equal to `track_shot` of the reference when every frame was looked at, with its first (not best) match in
 * list order, and with its habit of skipping the face behind one that was just taken in the same frame.
 *
 * Where the detector looked at some frames only, a detection stands for all frames up to the next look, so that
 * `minTrackFrames` keeps its meaning, and a face seen at the first or last look of the shot is taken to be there from its
 * start or to its end. `maxGapFrames` must not be smaller than the distance of two looks.
 *
 * @param detections of the whole video, by frame index
 * @returns tracks in the order of their first detection
 */
export function trackShot(
  detections: DetectionsByFrame,
  shot: Shot,
  options: TrackOptions = DEFAULT_TRACK_OPTIONS,
): LinkedFace[] {
  const { startFrame, endFrame } = shot;
  const remaining = detections.slice(startFrame, endFrame).map((faces) => [...(faces ?? [])]);
  const looks = findLooks(detections, shot);
  const tracks: LinkedFace[] = [];
  for (let first = startFrame; first < endFrame; first++) {
    while (remaining[first - startFrame]!.length > 0) {
      const sightings = takeTrack(remaining, startFrame, first, options);
      const seenFrames = sightings.reduce(
        (sum, { frame }) => sum + looks.framesPerLook[frame - startFrame]!,
        0,
      );
      if (seenFrames <= options.minTrackFrames) continue;
      const lastSeen = sightings.at(-1)!.frame;
      const from = first === looks.firstLook ? startFrame : first;
      const to = lastSeen === looks.lastLook ? endFrame : lastSeen + 1;
      const boxes = interpolateBoxes(sightings, from, to);
      if (meanFaceSizePx(boxes) > options.minFaceSizePx) {
        tracks.push({ startFrame: from, endFrame: to, boxes });
      }
    }
  }
  return tracks;
}

/** Takes the first face left in frame `first` and those that follow it out of `remaining`. */
function takeTrack(
  remaining: readonly FaceDetection[][],
  shotStart: number,
  first: number,
  { maxGapFrames, minIou }: TrackOptions,
): Sighting[] {
  const sightings: Sighting[] = [];
  let last: Sighting | undefined;
  for (let frame = first; frame - shotStart < remaining.length; frame++) {
    if (last !== undefined && frame - last.frame > maxGapFrames) break;
    const faces = remaining[frame - shotStart]!;
    // Taking face i moves the next one to i, so that i + 1 skips it: a habit of the reference.
    for (let i = 0; i < faces.length; i++) {
      const { box } = faces[i]!;
      if (last !== undefined && boxIou(box, last.box) <= minIou) continue;
      last = { frame, box };
      sightings.push(last);
      faces.splice(i, 1);
    }
  }
  return sightings;
}

interface Looks {
  readonly firstLook: number;
  readonly lastLook: number;
  /** For how many frames of the shot the look at a frame stands, 0 where there was none; shape (shot frames). */
  readonly framesPerLook: readonly number[];
}

function findLooks(detections: DetectionsByFrame, { startFrame, endFrame }: Shot): Looks {
  const framesPerLook = new Array<number>(endFrame - startFrame).fill(0);
  let nextLook = endFrame;
  let lastLook = -1;
  for (let frame = endFrame - 1; frame >= startFrame; frame--) {
    if (detections[frame] === null) continue;
    if (lastLook < 0) lastLook = frame;
    framesPerLook[frame - startFrame] = nextLook - frame;
    nextLook = frame;
  }
  if (lastLook >= 0) framesPerLook[nextLook - startFrame]! += nextLook - startFrame;
  return { firstLook: nextLook, lastLook, framesPerLook };
}

/** Mean width or mean height over the frames of a track, whichever is larger. */
function meanFaceSizePx(boxes: readonly number[]): number {
  let width = 0;
  let height = 0;
  for (let i = 0; i < boxes.length; i += 4) {
    width += boxes[i + 2]! - boxes[i]!;
    height += boxes[i + 3]! - boxes[i + 1]!;
  }
  return Math.max(width, height) / (boxes.length / 4);
}
