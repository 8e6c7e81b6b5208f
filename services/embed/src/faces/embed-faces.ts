import type { FaceTrack, FrameRange } from '@avd/domain';
import { consumeFrames, type FrameConsumer, type Model, type Stage } from '@avd/stage-kit';
import { facePictureFrames, nchwFormat, TensorCropper } from '@avd/vision';

export interface EmbedFacesInput {
  readonly range: FrameRange;
  /** Tracks of the video; only their pictures within the range are looked at. */
  readonly tracks: readonly FaceTrack[];
}

/** Descriptors of one track, in the order of its pictures. */
export interface FaceDescriptors {
  readonly trackIndex: number;
  /** One unit vector of 1024 numbers a picture. */
  readonly descriptors: readonly (readonly number[])[];
}

export interface EmbedFacesOutput {
  /** Tracks with a picture in the range. */
  readonly faces: readonly FaceDescriptors[];
}

const PICTURE_SIZE_PX = 224;
const PLANE = PICTURE_SIZE_PX * PICTURE_SIZE_PX;
/** Side of the picture in sides of the face box: some hair and chin, little background. */
const CROP_SIDES = 1.1;

/**
 * Describes who each face is, by four pictures spread over its track (frames k * length / 5, as the reference takes
 * them), with the network `faceres`. Cosine distances: same person about 0.15, below 0.40; others 0.6, above 0.42.
 */
export const embedFaces: Stage<EmbedFacesInput, EmbedFacesOutput, Record<string, never>> = {
  name: 'embed.EmbedFaces',
  version: '1',
  async run(input, _params, ctx) {
    const consumer = createFaceEmbedder(input, await ctx.models.load('faceres'));
    await consumeFrames(input.range, [consumer], ctx);
    return consumer.finish();
  },
};

/**
 * The work of EmbedFaces as a consumer of frames, for runs which decode once for several stages.
 * @param model the network `faceres`
 */
export function createFaceEmbedder(
  { range, tracks }: EmbedFacesInput,
  model: Model,
): FrameConsumer<EmbedFacesOutput> {
  const wantedByFrame = new Map<number, FaceTrack[]>();
  for (const track of tracks) {
    for (const offset of facePictureFrames(track.endFrame - track.startFrame)) {
      const frameIndex = track.startFrame + offset;
      if (frameIndex < range.startFrame || frameIndex >= range.endFrame) continue;
      wantedByFrame.set(frameIndex, [...(wantedByFrame.get(frameIndex) ?? []), track]);
    }
  }
  const frames = [...wantedByFrame.keys()];
  const cropper = new TensorCropper({
    width: PICTURE_SIZE_PX,
    height: PICTURE_SIZE_PX,
    format: nchwFormat(PLANE, { channelOrder: 'rgb', scale: 1, offset: 0 }),
  });
  const found: {
    readonly trackIndex: number;
    readonly frameIndex: number;
    readonly descriptor: number[];
  }[] = [];
  return {
    wanted:
      frames.length === 0
        ? undefined
        : { startFrame: Math.min(...frames), endFrame: Math.max(...frames) + 1 },
    async take(frame, signal) {
      const described = (wantedByFrame.get(frame.frameIndex) ?? []).map(async (track) => {
        const i = frame.frameIndex - track.startFrame;
        const half = track.halfSize[i]! * CROP_SIDES;
        const [x, y] = [track.centreX[i]!, track.centreY[i]!];
        const picture = new Float32Array(3 * PLANE);
        cropper.crop(
          frame,
          { left: x - half, top: y - half, right: x + half, bottom: y + half },
          picture,
        );
        const { descriptor } = await model.run(
          { image: { data: picture, dims: [1, 3, PICTURE_SIZE_PX, PICTURE_SIZE_PX] } },
          signal,
        );
        const { trackIndex } = track;
        found.push({
          trackIndex,
          frameIndex: frame.frameIndex,
          descriptor: toUnit(descriptor!.data as Float32Array),
        });
      });
      await Promise.all(described);
    },
    finish() {
      const byTrack = new Map<number, number[][]>();
      for (const { trackIndex, descriptor } of found.toSorted(
        (a, b) => a.trackIndex - b.trackIndex || a.frameIndex - b.frameIndex,
      )) {
        byTrack.set(trackIndex, [...(byTrack.get(trackIndex) ?? []), descriptor]);
      }
      return {
        faces: [...byTrack].map(([trackIndex, descriptors]) => ({ trackIndex, descriptors })),
      };
    },
  };
}

/** Unit length; five decimals, far below the noise of the network, keep the stored result small. */
function toUnit(values: Float32Array): number[] {
  let sum = 0;
  for (const value of values) sum += value * value;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return Array.from(values, (value) => Math.round(value * scale * 1e5) / 1e5);
}
