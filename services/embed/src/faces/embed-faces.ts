import type { FaceTrack, FrameRange } from '@avd/domain';
import { consumeFrames, type FrameConsumer, type Stage } from '@avd/stage-kit';
import { facePictureFrames } from '@avd/vision';
import { toFloatRows, type FloatRows } from '../float-rows.js';
import { loadFaceDescriber, type DescribeFace, type FaceModelName } from './describe-face.js';

export interface EmbedFacesInput {
  readonly range: FrameRange;
  /** Tracks of the video; only their pictures within the range are looked at. */
  readonly tracks: readonly FaceTrack[];
}

export interface EmbedFacesParams {
  readonly model: FaceModelName;
}

/** Descriptors of one track, one row for each of its pictures in the range, in order. */
export interface FaceDescriptors {
  readonly trackIndex: number;
  readonly descriptors: FloatRows;
}

export interface EmbedFacesOutput {
  /** Tracks with a picture in the range. */
  readonly faces: readonly FaceDescriptors[];
}

/**
 * Describes who each face is, by four pictures spread over its track (frames k * length / 5, as the reference takes
 * them).
 */
export const embedFaces: Stage<EmbedFacesInput, EmbedFacesOutput, EmbedFacesParams> = {
  name: 'embed.EmbedFaces',
  version: '2',
  async run(input, { model }, ctx) {
    const consumer = createFaceEmbedder(input, await loadFaceDescriber(model, ctx.models));
    await consumeFrames(input.range, [consumer], ctx);
    return consumer.finish();
  },
};

/** The work of EmbedFaces as a consumer of frames, for runs which decode once for several stages. */
export function createFaceEmbedder(
  { range, tracks }: EmbedFacesInput,
  describe: DescribeFace,
): FrameConsumer<EmbedFacesOutput> {
  const wantedByFrame = new Map<number, FaceTrack[]>();
  for (const track of tracks) {
    for (const offset of facePictureFrames(track.endFrame - track.startFrame)) {
      const frameIndex = track.startFrame + offset;
      if (frameIndex < range.startFrame || frameIndex >= range.endFrame) continue;
      const wanting = wantedByFrame.get(frameIndex);
      if (wanting === undefined) wantedByFrame.set(frameIndex, [track]);
      else wanting.push(track);
    }
  }
  const frames = [...wantedByFrame.keys()].sort((a, b) => a - b);
  const found: {
    readonly trackIndex: number;
    readonly frameIndex: number;
    readonly descriptor: Float32Array;
  }[] = [];
  return {
    wanted:
      frames.length === 0 ? undefined : { startFrame: frames[0]!, endFrame: frames.at(-1)! + 1 },
    wantedFrames: frames,
    async take(frame, signal) {
      const { frameIndex } = frame;
      const described = (wantedByFrame.get(frameIndex) ?? []).map(async (track) => {
        const i = frameIndex - track.startFrame;
        const place = {
          centreX: track.centreX[i]!,
          centreY: track.centreY[i]!,
          halfSize: track.halfSize[i]!,
        };
        const descriptor = await describe(frame, place, signal);
        found.push({ trackIndex: track.trackIndex, frameIndex, descriptor });
      });
      await Promise.all(described);
    },
    finish() {
      const byTrack = new Map<number, Float32Array[]>();
      for (const { trackIndex, descriptor } of found.toSorted(
        (a, b) => a.trackIndex - b.trackIndex || a.frameIndex - b.frameIndex,
      )) {
        const rows = byTrack.get(trackIndex);
        if (rows === undefined) byTrack.set(trackIndex, [descriptor]);
        else rows.push(descriptor);
      }
      return {
        faces: [...byTrack].map(([trackIndex, rows]) => ({
          trackIndex,
          descriptors: toFloatRows(rows),
        })),
      };
    },
  };
}
