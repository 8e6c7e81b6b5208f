import type { FaceTrack } from '@avd/domain';
import { medianFilter } from '@avd/dsp';
import type { Stage } from '@avd/stage-kit';
import { byTrack } from '../by-track.js';
import { joinFloatRows } from '../float-rows.js';
import type { LipScores, ScoreLipsOutput } from '../lips/score-lips.js';
import { rawSyncConfidence } from '../sync-confidence.js';
import type { SyncPiece } from './score-tracks.js';

export interface CombineSyncInput {
  readonly tracks: readonly Pick<FaceTrack, 'trackIndex' | 'startFrame'>[];
  /** Results of ScoreTracks for all ranges, in any order. */
  readonly pieces: readonly SyncPiece[];
}

/** Values which `rawSyncConfidence` puts before the first window. */
const PAD_FRAMES = 3;
/** A window of 5 frames stands for its middle one. */
const WINDOW_MIDDLE_FRAME = 2;
const SMOOTHING_FRAMES = 25;
/**
 * The reference takes a face to speak from a confidence of 0.5 if there is speech, from 0.9 in any case: read as
 * probabilities of 0.5 and 0.9.
 */
const EVEN_CONFIDENCE = 0.5;
const STEEPNESS = Math.log(9) / 0.4;

/**
 * Turns the distances of whole tracks into the probability that the face speaks, for a diarizer which takes any cue.
 * Tracks without a window get none.
 */
export const combineSync: Stage<CombineSyncInput, ScoreLipsOutput, Record<string, never>> = {
  name: 'syncnet.CombineSync',
  version: '1',
  run: async ({ tracks, pieces }) => {
    const piecesOf = byTrack(pieces);
    return {
      tracks: tracks.flatMap(({ trackIndex, startFrame }): LipScores[] => {
        const list = piecesOf.get(trackIndex);
        if (list === undefined) return [];
        const ordered = list.sort((a, b) => a.startWindow - b.startWindow);
        const speaking = speakingOf(joinFloatRows(ordered.map(({ distances }) => distances)));
        return [{ trackIndex, startFrame, endFrame: startFrame + speaking.length, speaking }];
      }),
    };
  },
};

/** The first window also stands for the frames before its middle, the last for those behind. */
function speakingOf(distances: Float32Array): number[] {
  const windows = rawSyncConfidence(distances).slice(PAD_FRAMES, -PAD_FRAMES);
  const half = SMOOTHING_FRAMES >> 1;
  const before = new Array<number>(half + WINDOW_MIDDLE_FRAME).fill(windows[0]!);
  const behind = new Array<number>(half + WINDOW_MIDDLE_FRAME).fill(windows.at(-1)!);
  const smooth = medianFilter([...before, ...windows, ...behind], SMOOTHING_FRAMES);
  return Array.from(smooth.subarray(half, smooth.length - half), (confidence) => {
    const probability = 1 / (1 + Math.exp(-STEEPNESS * (confidence - EVEN_CONFIDENCE)));
    return Math.round(probability * 1e4) / 1e4;
  });
}
