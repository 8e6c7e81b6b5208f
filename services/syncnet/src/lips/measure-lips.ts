import type { Box, FaceTrack, FrameRange } from '@avd/domain';
import {
  consumeFrames,
  type FrameConsumer,
  type Model,
  type Stage,
  type VideoFrame,
} from '@avd/stage-kit';
import { nchwFormat, TensorCropper } from '@avd/vision';
import { MESH_SIZE_PX } from './face-mesh-points.js';
import { measureMouth, mouthMotion, type LipMeasure } from './lip-measure.js';

export interface MeasureLipsInput {
  readonly range: FrameRange;
  /** Tracks of the video; those outside of the range are ignored. */
  readonly tracks: readonly FaceTrack[];
}

/** Lip movement of one track; one number a frame of [startFrame, startFrame + opening.length). */
export interface LipSeries {
  readonly trackIndex: number;
  readonly startFrame: number;
  readonly opening: readonly number[];
  readonly width: readonly number[];
  readonly yaw: readonly number[];
  readonly faceScore: readonly number[];
  /** Change of the mouth region against the frame before; 0 for the first frame of the track. */
  readonly motion: readonly number[];
}

export interface MeasureLipsOutput {
  /** Tracks seen in the range, each with its frames of the range. */
  readonly tracks: readonly LipSeries[];
}

/** Side of the picture given to the mesh, in sides of the face box: it wants some room around the face. */
const CROP_SIDES = 1.3;
const PLANE = MESH_SIZE_PX * MESH_SIZE_PX;

/** Measures the lips of every track in every frame of a range, with the MediaPipe face mesh. */
export const measureLips: Stage<MeasureLipsInput, MeasureLipsOutput, Record<string, never>> = {
  name: 'syncnet.MeasureLips',
  version: '1',
  async run(input, _params, ctx) {
    const consumer = createLipReader(input, await ctx.models.load('facemesh'));
    await consumeFrames(input.range, [consumer], ctx);
    return consumer.finish();
  },
};

/**
 * The work of MeasureLips as a consumer of frames, for runs which decode once for several stages.
 * @param model the network `facemesh`
 */
export function createLipReader(
  { range, tracks }: MeasureLipsInput,
  model: Model,
): FrameConsumer<MeasureLipsOutput> {
  const seen = tracks.filter(
    (track) => track.startFrame < range.endFrame && track.endFrame > range.startFrame,
  );
  const series = seen.map((track) => new SeriesWriter(track, range));
  const cropper = new TensorCropper({
    width: MESH_SIZE_PX,
    height: MESH_SIZE_PX,
    format: nchwFormat(PLANE, { channelOrder: 'rgb', scale: 1 / 255, offset: 0 }),
  });
  // Pictures are used again once they are measured: new ones for every face and frame would cost more than the mesh.
  const spare: Float32Array[] = [];
  const measureFace = async (
    frame: VideoFrame,
    box: Box,
    signal: AbortSignal,
  ): Promise<LipMeasure> => {
    const picture = spare.pop() ?? new Float32Array(3 * PLANE);
    cropper.crop(frame, box, picture);
    const { mesh, face } = await model.run(
      { image: { data: picture, dims: [1, 3, MESH_SIZE_PX, MESH_SIZE_PX] } },
      signal,
    );
    const measure = measureMouth(mesh!.data as Float32Array, Number(face!.data[0]), picture);
    spare.push(picture);
    return measure;
  };
  let lastTaken: Promise<void> = Promise.resolve();
  return {
    // Nothing before the first and after the last face of the range is decoded.
    wanted:
      series.length === 0
        ? undefined
        : {
            startFrame: Math.min(...series.map((writer) => writer.firstNeeded)),
            endFrame: Math.max(...series.map((writer) => writer.endFrame)),
          },
    take(frame, signal) {
      const { frameIndex } = frame;
      const active = series.filter((writer) => writer.needs(frameIndex));
      const measures = active.map((writer) => measureFace(frame, writer.boxAt(frameIndex), signal));
      const before = lastTaken;
      lastTaken = Promise.all(measures).then(async (list) => {
        await before; // frames are taken down in order
        list.forEach((measure, i) => active[i]!.add(frameIndex, measure));
      });
      return lastTaken;
    },
    finish: () => ({ tracks: series.map((writer) => writer.finish()) }),
  };
}

const COLUMNS = ['opening', 'width', 'yaw', 'faceScore', 'motion'] as const;
type Column = (typeof COLUMNS)[number];

/** Collects the numbers of one track; the frame before the range is measured too, for the motion. */
class SeriesWriter {
  readonly #track: FaceTrack;
  readonly #startFrame: number;
  readonly endFrame: number;
  readonly firstNeeded: number;
  readonly #columns: Record<Column, number[]> = {
    opening: [],
    width: [],
    yaw: [],
    faceScore: [],
    motion: [],
  };
  #patch: Uint8Array | undefined;

  constructor(track: FaceTrack, range: FrameRange) {
    this.#track = track;
    this.#startFrame = Math.max(track.startFrame, range.startFrame);
    this.endFrame = Math.min(track.endFrame, range.endFrame);
    this.firstNeeded = Math.max(track.startFrame, this.#startFrame - 1);
  }

  needs(frameIndex: number): boolean {
    return frameIndex >= this.firstNeeded && frameIndex < this.endFrame;
  }

  boxAt(frameIndex: number): Box {
    const i = frameIndex - this.#track.startFrame;
    const x = this.#track.centreX[i]!;
    const y = this.#track.centreY[i]!;
    const half = this.#track.halfSize[i]! * CROP_SIDES;
    return { left: x - half, top: y - half, right: x + half, bottom: y + half };
  }

  add(frameIndex: number, measure: LipMeasure): void {
    const motion = this.#patch === undefined ? 0 : mouthMotion(this.#patch, measure.patch);
    this.#patch = measure.patch;
    if (frameIndex < this.#startFrame) return;
    for (const column of COLUMNS) {
      this.#columns[column].push(round5(column === 'motion' ? motion : measure[column]));
    }
  }

  finish(): LipSeries {
    return { trackIndex: this.#track.trackIndex, startFrame: this.#startFrame, ...this.#columns };
  }
}

/** Five decimals: far below the noise of the measure, and the stored results stay small. */
function round5(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
