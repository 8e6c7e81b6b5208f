import type { FaceTrack, FrameRange } from '@avd/domain';
import { consumeFrames, type FrameConsumer, type Stage, type StageContext } from '@avd/stage-kit';
import { FACE_CROP_SIZE_PX, FaceCropper } from '@avd/vision';
import { toFloatRows, type FloatRows } from '../float-rows.js';
import { SYNC_WINDOW_FRAMES, syncWindowCount } from '../mfcc-windows.js';
import { createPieceReader, type FacePiece } from '../piece-reader.js';
import { SYNC_SHIFT_COUNT, syncAudioWindowRange, syncDistances } from '../sync-distance.js';
import { trackSound } from '../track-sound.js';
import {
  createAudioFeatures,
  SYNC_BATCH_WINDOWS,
  SYNC_FEATURES,
  type AudioFeatures,
} from './audio-features.js';

export interface ScoreTracksInput {
  readonly range: FrameRange;
  /** Tracks of the video; those outside of the range are ignored. */
  readonly tracks: readonly FaceTrack[];
}

/** Consecutive windows of one track. */
export interface SyncPiece {
  readonly trackIndex: number;
  readonly startWindow: number;
  /** Distances to the sound shifted by -10..10 frames, shape (windows, 21). */
  readonly distances: FloatRows;
}

export interface ScoreTracksOutput {
  /** By track, then by window; only windows of batches which begin in the range. */
  readonly pieces: readonly SyncPiece[];
}

const PICTURE_BYTES = FACE_CROP_SIZE_PX * FACE_CROP_SIZE_PX * 3;

/**
 * How well lips and sound go together, with SyncNet: for every 5 frames of every track the distance to the sound at 21
 * shifts. Equal to `SyncNet.evaluate` of the reference without its lossy video files in between. Any cut of the video
 * into ranges gives the same numbers.
 */
export const scoreTracks: Stage<ScoreTracksInput, ScoreTracksOutput, Record<string, never>> = {
  name: 'syncnet.ScoreTracks',
  version: '1',
  async run(input, _params, ctx) {
    const consumer = await openSyncScorer(input, ctx);
    await consumeFrames(input.range, [consumer], ctx);
    return consumer.finish();
  },
};

interface SyncBatch extends FacePiece {
  readonly startWindow: number;
  readonly endWindow: number;
  readonly windowCount: number;
  readonly audio: AudioFeatures;
}

/** The work of ScoreTracks as a consumer of frames, for runs which decode once for several stages. */
export async function openSyncScorer(
  { range, tracks }: ScoreTracksInput,
  ctx: StageContext,
): Promise<FrameConsumer<ScoreTracksOutput>> {
  const lips = await ctx.models.load('syncnet-lip');
  const hearing = await ctx.models.load('syncnet-audio');
  const cropper = new FaceCropper();
  const batches = tracks.flatMap((track): SyncBatch[] => {
    const sound = trackSound(track, ctx.media);
    const windowCount = syncWindowCount(track.endFrame - track.startFrame, sound.sampleCount);
    const audio = createAudioFeatures(hearing, sound, windowCount);
    return batchesIn(range, track, windowCount).map((batch) => ({ ...batch, windowCount, audio }));
  });
  const pieces: SyncPiece[] = [];
  const reader = createPieceReader(batches, {
    pictureBytes: PICTURE_BYTES,
    crop: (frame, place, out) => cropper.crop(frame, place, out),
    async work({ track, startWindow, endWindow, windowCount, audio }, pictures, signal) {
      const frames = {
        data: pictures,
        dims: [pictures.length / PICTURE_BYTES, FACE_CROP_SIZE_PX, FACE_CROP_SIZE_PX, 3],
      };
      const heard = syncAudioWindowRange(startWindow, endWindow, windowCount);
      const [{ embeddings }, audioRows] = await Promise.all([
        lips.run({ frames }, signal),
        audio.read(heard.startWindow, heard.endWindow, signal),
      ]);
      const lipRows = { data: embeddings!.data as Float32Array, startWindow };
      const distances = syncDistances(lipRows, audioRows, SYNC_FEATURES);
      pieces.push({
        trackIndex: track.trackIndex,
        startWindow,
        distances: toFloatRows(distances, SYNC_SHIFT_COUNT),
      });
    },
  });
  return {
    ...reader,
    finish() {
      reader.finish();
      return {
        pieces: pieces.toSorted(
          (a, b) => a.trackIndex - b.trackIndex || a.startWindow - b.startWindow,
        ),
      };
    },
  };
}

/** Batches of a track whose first window begins in the range. */
function batchesIn(
  range: FrameRange,
  track: FaceTrack,
  windowCount: number,
): Omit<SyncBatch, 'audio' | 'windowCount'>[] {
  const firstBatch = Math.ceil(
    Math.max(0, range.startFrame - track.startFrame) / SYNC_BATCH_WINDOWS,
  );
  const lastWindow = Math.min(windowCount, range.endFrame - track.startFrame);
  const batches: Omit<SyncBatch, 'audio' | 'windowCount'>[] = [];
  for (
    let startWindow = firstBatch * SYNC_BATCH_WINDOWS;
    startWindow < lastWindow;
    startWindow += SYNC_BATCH_WINDOWS
  ) {
    const endWindow = Math.min(startWindow + SYNC_BATCH_WINDOWS, windowCount);
    batches.push({
      track,
      startWindow,
      endWindow,
      startFrame: track.startFrame + startWindow,
      endFrame: track.startFrame + endWindow + SYNC_WINDOW_FRAMES - 1,
    });
  }
  return batches;
}
