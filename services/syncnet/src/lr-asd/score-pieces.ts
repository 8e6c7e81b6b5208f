import type { FrameRange } from '@avd/domain';
import { MFCC_COUNT, mfccRowCount, mfccRows, mfccSampleRange } from '@avd/dsp';
import type { SignalBlock } from '@avd/dsp';

/** MFCC rows (10 ms) that belong to one video frame. */
export const ASD_ROWS_PER_FRAME = 4;
/** A track is scored in pieces of each of these lengths, and the scores are averaged. */
export const ASD_PIECE_DURATIONS_SEC: readonly number[] = [1, 2, 3, 4, 5, 6];

const FRAMES_PER_SEC = 25;

/**
 * Frames of a track that get a score: those with all of their sound. Usually the last frame has none. Equal to the
 * length in `evaluate_network` of LR-ASD, which fails when there are fewer pictures than that.
 * @param sampleCount samples of sound from the first frame of the track on
 */
export function asdFrameCount(frameCount: number, sampleCount: number): number {
  return Math.min(frameCount, Math.floor(mfccRowCount(sampleCount) / ASD_ROWS_PER_FRAME));
}

/** Consecutive pieces of a track, counted from its first frame; the last one may be shorter. */
export function asdPieces(frameCount: number, durationSec: number): readonly FrameRange[] {
  const pieceFrames = durationSec * FRAMES_PER_SEC;
  return Array.from({ length: Math.ceil(frameCount / pieceFrames) }, (_, piece) => ({
    startFrame: piece * pieceFrames,
    endFrame: Math.min((piece + 1) * pieceFrames, frameCount),
  }));
}

/** Samples of the track's sound which the MFCC of a piece depend on. */
export function asdSampleRange(
  { startFrame, endFrame }: FrameRange,
  trackSampleCount: number,
): { readonly startSample: number; readonly endSample: number } {
  const startRow = startFrame * ASD_ROWS_PER_FRAME;
  return mfccSampleRange(startRow, endFrame * ASD_ROWS_PER_FRAME, trackSampleCount);
}

/**
 * Sound of a piece as the network takes it.
 * @param block covers `asdSampleRange(piece, block.signalSampleCount)` of the track's own sound
 * @returns shape (4 * frames, 13)
 */
export function asdMfcc(block: SignalBlock, { startFrame, endFrame }: FrameRange): Float32Array {
  const rows = mfccRows(block, startFrame * ASD_ROWS_PER_FRAME, endFrame * ASD_ROWS_PER_FRAME);
  if (rows.length !== (endFrame - startFrame) * ASD_ROWS_PER_FRAME * MFCC_COUNT) {
    throw new RangeError(`frames ${startFrame}..${endFrame} are not a piece of the track`);
  }
  return Float32Array.from(rows);
}
