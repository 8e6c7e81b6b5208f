import type { FaceTrack, FrameRange } from '@avd/domain';
import { SPEAKING_STEP_FRAMES, type FacePath } from './page/report-data.js';

/** How much the lips of one face track look as if they speak. */
export interface TrackSpeaking extends FrameRange {
  readonly trackIndex: number;
  /** Probability in [0, 1], one a frame. */
  readonly speaking: readonly number[];
}

/** A face may be off by this share of its size after thinning, or by one pixel. */
const TOLERANCE = 0.05;
/** Longest distance between two keys: bounds the work. */
const MAX_STEP_FRAMES = 75;

/** The smoothed way of a face in few numbers: keys are left out where a straight line does as well. */
export function facePath(track: FaceTrack, scores: TrackSpeaking | undefined): FacePath {
  const { trackIndex, startFrame, endFrame } = track;
  const last = endFrame - startFrame - 1;
  const keys: number[] = [];
  for (let at = 0; ;) {
    keys.push(at, ...[track.centreX, track.centreY, track.halfSize].map((v) => Math.round(v[at]!)));
    if (at >= last) break;
    at = farthestStraight(track, at, last);
  }
  return { trackIndex, startFrame, endFrame, keys, speaking: speakingDigits(track, scores) };
}

/** Last frame to which a straight line from frame `from` stays close to the face everywhere. */
function farthestStraight(track: FaceTrack, from: number, last: number): number {
  const limit = Math.min(last, from + MAX_STEP_FRAMES);
  let best = from + 1;
  for (let to = from + 2; to <= limit; to++) {
    if (!isStraight(track, from, to)) break;
    best = to;
  }
  return best;
}

function isStraight(track: FaceTrack, from: number, to: number): boolean {
  for (const values of [track.centreX, track.centreY, track.halfSize]) {
    for (let at = from + 1; at < to; at++) {
      const share = (at - from) / (to - from);
      const onLine = values[from]! + share * (values[to]! - values[from]!);
      const allowedPx = Math.max(1, TOLERANCE * track.halfSize[at]!);
      if (Math.abs(values[at]! - onLine) > allowedPx) return false;
    }
  }
  return true;
}

function speakingDigits(track: FaceTrack, scores: TrackSpeaking | undefined): string {
  if (scores === undefined || scores.speaking.length === 0) return '';
  let digits = '';
  for (let frame = track.startFrame; frame < track.endFrame; frame += SPEAKING_STEP_FRAMES) {
    digits += Math.round(9 * meanSpeaking(scores, frame, frame + SPEAKING_STEP_FRAMES));
  }
  return digits;
}

function meanSpeaking(scores: TrackSpeaking, startFrame: number, endFrame: number): number {
  const part = scores.speaking.slice(
    Math.max(0, startFrame - scores.startFrame),
    Math.max(0, endFrame - scores.startFrame),
  );
  const sum = part.reduce((total, value) => total + value, 0);
  return part.length === 0 ? 0 : Math.max(0, Math.min(1, sum / part.length));
}
