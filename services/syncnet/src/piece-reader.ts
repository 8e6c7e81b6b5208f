import { AvdError, type FaceTrack, type FrameRange } from '@avd/domain';
import type { FrameConsumer, VideoFrame } from '@avd/stage-kit';
import type { FacePlace } from '@avd/vision';

/** A stretch of one track whose face pictures a network sees together; frames of the video. */
export interface FacePiece extends FrameRange {
  readonly track: FaceTrack;
}

export interface PieceReaderOptions<Piece extends FacePiece> {
  /** Bytes of one face picture. */
  readonly pictureBytes: number;
  /** Cuts one face picture out of a frame. */
  readonly crop: (frame: VideoFrame, place: FacePlace, out: Uint8Array) => void;
  /** Called once for each piece, in order within a track. @param pictures all of the piece, one after the other */
  readonly work: (piece: Piece, pictures: Uint8Array, signal: AbortSignal) => Promise<void>;
}

export type PieceReader = Pick<FrameConsumer<void>, 'wanted' | 'take' | 'finish'>;

/** Pieces whose work may be awaited while frames are read on: bounds the memory. */
const MAX_IN_FLIGHT = 4;

/**
 * Collects the face pictures of pieces of tracks as frames are decoded and hands each piece on when it is complete. A
 * face that several pieces want is cut out once.
 * @returns a consumer of frames whose `finish` throws when frames were missing
 */
export function createPieceReader<Piece extends FacePiece>(
  pieces: readonly Piece[],
  { pictureBytes, crop, work }: PieceReaderOptions<Piece>,
): PieceReader {
  const waiting = pieces.toSorted(
    (a, b) => a.startFrame - b.startFrame || a.track.trackIndex - b.track.trackIndex,
  );
  const wanted =
    waiting.length === 0
      ? undefined
      : {
          startFrame: waiting[0]!.startFrame,
          endFrame: waiting.reduce((end, piece) => Math.max(end, piece.endFrame), 0),
        };
  const inFlight: Promise<void>[] = [];
  let nextWaiting = 0;
  let open: { readonly piece: Piece; readonly pictures: Uint8Array }[] = [];

  const cutOut = (frame: VideoFrame): void => {
    const cut = new Map<FaceTrack, Uint8Array>();
    for (const { piece, pictures } of open) {
      const { track } = piece;
      const start = (frame.frameIndex - piece.startFrame) * pictureBytes;
      const out = pictures.subarray(start, start + pictureBytes);
      const done = cut.get(track);
      if (done === undefined) crop(frame, placeAt(track, frame.frameIndex), out);
      else out.set(done);
      cut.set(track, out);
    }
  };
  return {
    wanted,
    async take(frame, signal) {
      const { frameIndex } = frame;
      for (
        let piece = waiting[nextWaiting];
        piece !== undefined && piece.startFrame <= frameIndex;
        piece = waiting[++nextWaiting]
      ) {
        const frameCount = piece.endFrame - piece.startFrame;
        open.push({ piece, pictures: new Uint8Array(frameCount * pictureBytes) });
      }
      cutOut(frame);
      for (const { piece, pictures } of open) {
        if (piece.endFrame > frameIndex + 1) continue;
        const done = work(piece, pictures, signal);
        done.catch(() => undefined); // a failure is seen when its turn comes
        inFlight.push(done);
      }
      open = open.filter(({ piece }) => piece.endFrame > frameIndex + 1);
      const isLast = frameIndex + 1 >= wanted!.endFrame;
      while (inFlight.length > (isLast ? 0 : MAX_IN_FLIGHT)) await inFlight.shift();
    },
    finish() {
      if (open.length === 0 && nextWaiting === waiting.length) return;
      throw new AvdError(
        'media',
        'FRAMES_MISSING',
        `The frames ${wanted!.startFrame} to ${wanted!.endFrame} could not all be decoded.`,
      );
    },
  };
}

function placeAt(track: FaceTrack, frameIndex: number): FacePlace {
  const i = frameIndex - track.startFrame;
  return {
    centreX: track.centreX[i]!,
    centreY: track.centreY[i]!,
    halfSize: track.halfSize[i]!,
  };
}
