import type { FaceTrack, FrameRange } from '@avd/domain';
import { consumeFrames, type FrameConsumer, type Stage, type StageContext } from '@avd/stage-kit';
import { MFCC_COUNT } from '@avd/dsp';
import { createPieceReader, type FacePiece } from '../piece-reader.js';
import { trackSound, type TrackSound } from '../track-sound.js';
import { ASD_FACE_SIZE_PX, GreyFaceCropper } from './grey-face-cropper.js';
import {
  ASD_ROWS_PER_FRAME,
  asdFrameCount,
  asdMfcc,
  asdPieces,
  asdSampleRange,
} from './score-pieces.js';

export interface RunLrAsdInput {
  readonly range: FrameRange;
  /** Tracks of the video; those outside of the range are ignored. */
  readonly tracks: readonly FaceTrack[];
}

export interface RunLrAsdParams {
  readonly model: 'lr-asd-ava' | 'lr-asd-talkset';
  /** Lengths of the pieces a track is cut into; each length is one pass over all frames. */
  readonly durationsSec: readonly number[];
}

/** Scores of one piece of one track: positive where the face speaks. */
export interface AsdPiece {
  readonly trackIndex: number;
  readonly durationSec: number;
  /** First frame of the piece, counted from the first of the track. */
  readonly startFrame: number;
  readonly scores: readonly number[];
}

export interface RunLrAsdOutput {
  /** By track, length and start; only pieces which begin in the range. */
  readonly pieces: readonly AsdPiece[];
}

const PICTURE_BYTES = ASD_FACE_SIZE_PX * ASD_FACE_SIZE_PX;

/**
 * Whether each face is the one that speaks, with LR-ASD. The network sees a track in pieces which are counted from its
 * first frame, as in the published procedure, so any cut of the video into ranges gives the same numbers.
 */
export const runLrAsd: Stage<RunLrAsdInput, RunLrAsdOutput, RunLrAsdParams> = {
  name: 'syncnet.RunLrAsd',
  version: '1',
  async run(input, params, ctx) {
    const consumer = await openLrAsd(input, params, ctx);
    await consumeFrames(input.range, [consumer], ctx);
    return consumer.finish();
  },
};

interface WantedPiece extends FacePiece {
  readonly durationSec: number;
  /** Counted from the first frame of the track. */
  readonly within: FrameRange;
  readonly sound: TrackSound;
}

/** The work of RunLrAsd as a consumer of frames, for runs which decode once for several stages. */
export async function openLrAsd(
  { range, tracks }: RunLrAsdInput,
  { model: name, durationsSec }: RunLrAsdParams,
  ctx: StageContext,
): Promise<FrameConsumer<RunLrAsdOutput>> {
  const model = await ctx.models.load(name);
  const cropper = new GreyFaceCropper();
  const wanted = tracks.flatMap((track) => {
    const sound = trackSound(track, ctx.media);
    return durationsSec.flatMap((durationSec) =>
      piecesIn(range, track, sound, durationSec).map((within): WantedPiece => {
        const startFrame = track.startFrame + within.startFrame;
        const endFrame = track.startFrame + within.endFrame;
        return { track, sound, durationSec, within, startFrame, endFrame };
      }),
    );
  });
  const pieces: AsdPiece[] = [];
  const reader = createPieceReader(wanted, {
    pictureBytes: PICTURE_BYTES,
    crop: (frame, place, out) => cropper.crop(frame, place, out),
    async work({ track, sound, durationSec, within }, data, signal) {
      const frameCount = within.endFrame - within.startFrame;
      const block = await sound.read(asdSampleRange(within, sound.sampleCount));
      const { scores } = await model.run(
        {
          frames: { data, dims: [1, frameCount, ASD_FACE_SIZE_PX, ASD_FACE_SIZE_PX] },
          mfcc: {
            data: asdMfcc(block, within),
            dims: [1, frameCount * ASD_ROWS_PER_FRAME, MFCC_COUNT],
          },
        },
        signal,
      );
      pieces.push({
        trackIndex: track.trackIndex,
        durationSec,
        startFrame: within.startFrame,
        // Three decimals: far below the noise of the network, and the stored results stay small.
        scores: Array.from(scores!.data as Float32Array, (score) => Math.round(score * 1e3) / 1e3),
      });
    },
  });
  return {
    ...reader,
    finish() {
      reader.finish();
      return {
        pieces: pieces.toSorted(
          (a, b) =>
            a.trackIndex - b.trackIndex ||
            a.durationSec - b.durationSec ||
            a.startFrame - b.startFrame,
        ),
      };
    },
  };
}

/** Pieces of a track which begin in the range, counted from its first frame. */
function piecesIn(
  range: FrameRange,
  { startFrame, endFrame }: FaceTrack,
  sound: TrackSound,
  durationSec: number,
): FrameRange[] {
  return asdPieces(asdFrameCount(endFrame - startFrame, sound.sampleCount), durationSec).filter(
    (piece) => {
      const first = startFrame + piece.startFrame;
      return first >= range.startFrame && first < range.endFrame;
    },
  );
}
