import type { FrameRange } from '@avd/domain';
import type { Stage } from '@avd/stage-kit';
import type { LipSeries } from './measure-lips.js';

export interface ScoreLipsInput {
  /** Lip movement by chunk, in order of time; one track may have a piece in several chunks. */
  readonly chunks: readonly (readonly LipSeries[])[];
}

/** How likely a face is speaking, one number in [0, 1] a frame. */
export interface LipScores extends FrameRange {
  readonly trackIndex: number;
  readonly speaking: readonly number[];
}

export interface ScoreLipsOutput {
  /** By track. */
  readonly tracks: readonly LipScores[];
}

/** Running mean, 0.36 s: about two syllables. */
const WINDOW_FRAMES = 9;
/** Below this a mouth counts as still: noise of the camera and of the mesh. */
const MOTION_FLOOR = 0.005;
const SPEED_FLOOR = 0.0003;
/**
 * Logistic regression of "speaks" on the logarithms of mouth motion and of lip speed (change of the opening from frame
 * to frame), fitted on real talking and listening faces; the weights hardly change when any recording is left out.
 */
const WEIGHTS = { motion: 3.8, speed: 0.4, constant: 10.6 };

/** Turns the lip movement of whole tracks into the probability that they speak; sound is not used here. */
export const scoreLips: Stage<ScoreLipsInput, ScoreLipsOutput, Record<string, never>> = {
  name: 'syncnet.ScoreLips',
  version: '1',
  run: async ({ chunks }) => {
    const pieces = new Map<number, LipSeries[]>();
    for (const series of chunks.flat()) {
      const list = pieces.get(series.trackIndex);
      if (list === undefined) pieces.set(series.trackIndex, [series]);
      else list.push(series);
    }
    const tracks = [...pieces]
      .sort(([a], [b]) => a - b)
      .map(([trackIndex, list]) => scoreTrack(trackIndex, list));
    return { tracks };
  },
};

function scoreTrack(trackIndex: number, pieces: readonly LipSeries[]): LipScores {
  const motion = pieces.flatMap((piece) => piece.motion);
  const opening = pieces.flatMap((piece) => piece.opening);
  const speed = opening.map((value, i) => Math.abs(value - (opening[i - 1] ?? value)));
  const meanMotion = runningMean(motion, WINDOW_FRAMES);
  const meanSpeed = runningMean(speed, WINDOW_FRAMES);
  const { startFrame } = pieces[0]!;
  return {
    trackIndex,
    startFrame,
    endFrame: startFrame + motion.length,
    speaking: meanMotion.map((value, i) => {
      const logOdds =
        WEIGHTS.motion * Math.log(value + MOTION_FLOOR) +
        WEIGHTS.speed * Math.log(meanSpeed[i]! + SPEED_FLOOR) +
        WEIGHTS.constant;
      return Math.round(1e4 / (1 + Math.exp(-logOdds))) / 1e4;
    }),
  };
}

/** Centred mean over `size` values (odd); at the ends over those there are. */
function runningMean(values: readonly number[], size: number): number[] {
  const half = (size - 1) / 2;
  return values.map((_, i) => {
    const from = Math.max(0, i - half);
    const to = Math.min(values.length, i + half + 1);
    let sum = 0;
    for (let j = from; j < to; j++) sum += values[j]!;
    return sum / (to - from);
  });
}
