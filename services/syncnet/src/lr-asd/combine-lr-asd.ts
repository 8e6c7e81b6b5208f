import type { FaceTrack } from '@avd/domain';
import type { Stage } from '@avd/stage-kit';
import { byTrack } from '../by-track.js';
import type { LipScores, ScoreLipsOutput } from '../lips/score-lips.js';
import { meanAsdScores, smoothAsdScores } from './combine-scores.js';
import type { AsdPiece } from './run-lr-asd.js';

export interface CombineLrAsdInput {
  readonly tracks: readonly Pick<FaceTrack, 'trackIndex' | 'startFrame'>[];
  /** Results of RunLrAsd for all ranges, in any order. */
  readonly pieces: readonly AsdPiece[];
}

/**
 * Joins the scores of whole tracks, averages them over the lengths of the pieces and turns them into the probability
 * that the face speaks. Tracks without sound get none.
 */
export const combineLrAsd: Stage<CombineLrAsdInput, ScoreLipsOutput, Record<string, never>> = {
  name: 'syncnet.CombineLrAsd',
  version: '2',
  run: async ({ tracks, pieces }) => {
    const piecesOf = byTrack(pieces);
    return {
      tracks: tracks.flatMap(({ trackIndex, startFrame }): LipScores[] => {
        const list = piecesOf.get(trackIndex);
        if (list === undefined) return [];
        const speaking = speakingOf(list);
        return [{ trackIndex, startFrame, endFrame: startFrame + speaking.length, speaking }];
      }),
    };
  },
};

function speakingOf(pieces: readonly AsdPiece[]): number[] {
  const durations = [...new Set(pieces.map(({ durationSec }) => durationSec))];
  const rows = durations.map((duration) =>
    Float32Array.from(
      pieces
        .filter(({ durationSec }) => durationSec === duration)
        .sort((a, b) => a.startFrame - b.startFrame)
        .flatMap(({ scores }) => scores),
    ),
  );
  return Array.from(smoothAsdScores(meanAsdScores(rows)), toProbability);
}

/**
 * The published scores are meant to be compared with 0. On real talking and listening faces, while somebody speaks, a
 * logistic regression puts even odds at -0.3 to -0.6 with a slope of 1.3 to 1.9. A little lower, because each of two
 * people who speak at once scores about -0.5, and a silent face -3.5; from -0.75 to -1 the turns do not change.
 */
const EVEN_SCORE = -0.8;
const STEEPNESS = 1.8;

/** Four decimals, as all probabilities of speaking have. */
function toProbability(score: number): number {
  return Math.round(1e4 / (1 + Math.exp(-STEEPNESS * (score - EVEN_SCORE)))) / 1e4;
}
