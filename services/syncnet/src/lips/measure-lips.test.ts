import type { FaceTrack } from '@avd/domain';
import { fakeStageContext, type FakeRun } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CHIN,
  FOREHEAD,
  INNER_LIP_PAIRS,
  MESH_POINT_COUNT,
  MOUTH_CORNERS,
} from './face-mesh-points.js';
import { measureLips, type LipSeries } from './measure-lips.js';

/** A mesh whose mouth opens with the brightness of the picture. */
const facemesh: FakeRun = ({ image }) => {
  const brightness = Number(image!.data[96 * 192 + 96]);
  const mesh = new Float32Array(MESH_POINT_COUNT * 3);
  const put = (point: number, x: number, y: number): void => {
    mesh.set([x, y, 0], point * 3);
  };
  put(FOREHEAD, 96, 46);
  put(CHIN, 96, 146);
  put(MOUTH_CORNERS[0], 76, 116);
  put(MOUTH_CORNERS[1], 116, 116);
  for (const [upper, lower] of INNER_LIP_PAIRS) {
    put(upper, 96, 116);
    put(lower, 96, 116 + 10 * brightness);
  }
  return {
    mesh: { data: mesh, dims: [1, 1404] },
    face: { data: Float32Array.of(0.75), dims: [1, 1] },
  };
};

const brightnessAt = (frameIndex: number): number => (frameIndex * 37) % 256;
const video = {
  width: 64,
  height: 48,
  frameCount: 40,
  paint: (frameIndex: number, data: Uint8Array): void => {
    for (let i = 0; i < data.length; i++) data[i] = (brightnessAt(frameIndex) + (i % 61)) % 256;
  },
};

function track(trackIndex: number, startFrame: number, endFrame: number): FaceTrack {
  const each = (value: number): number[] =>
    Array.from({ length: endFrame - startFrame }, () => value);
  return {
    trackIndex,
    startFrame,
    endFrame,
    boxes: [],
    centreX: each(30 + trackIndex),
    centreY: each(24),
    halfSize: each(8),
  };
}

async function measure(
  tracks: readonly FaceTrack[],
  cuts: readonly number[],
): Promise<LipSeries[]> {
  const borders = [0, ...cuts, video.frameCount];
  const joined = new Map<number, LipSeries>();
  for (let i = 0; i + 1 < borders.length; i++) {
    const range = { startFrame: borders[i]!, endFrame: borders[i + 1]! };
    const { tracks: series } = await measureLips.run(
      { range, tracks },
      {},
      fakeStageContext(video, { facemesh }),
    );
    for (const piece of series) {
      const before = joined.get(piece.trackIndex);
      if (before === undefined) {
        joined.set(piece.trackIndex, piece);
        continue;
      }
      joined.set(piece.trackIndex, {
        ...before,
        opening: [...before.opening, ...piece.opening],
        width: [...before.width, ...piece.width],
        yaw: [...before.yaw, ...piece.yaw],
        faceScore: [...before.faceScore, ...piece.faceScore],
        motion: [...before.motion, ...piece.motion],
      });
    }
  }
  return [...joined.values()].sort((a, b) => a.trackIndex - b.trackIndex);
}

describe('measureLips', () => {
  it('measures every frame of a track in heights of the face', async () => {
    const [series] = await measure([track(0, 5, 20)], []);
    expect(series!.startFrame).toBe(5);
    expect(series!.opening).toHaveLength(15);
    expect(series!.width[0]).toBeCloseTo(0.4, 4);
    expect(series!.faceScore[3]).toBe(0.75);
    expect(Math.max(...series!.opening)).toBeLessThanOrEqual(0.1);
    expect(series!.motion[0]).toBe(0);
  });

  it('gives the same numbers wherever the video is cut into chunks', async () => {
    const tracks = [track(0, 3, 33), track(1, 10, 40)];
    const whole = await measure(tracks, []);
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: video.frameCount - 1 }), {
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(cuts, async (list) => {
        expect(
          await measure(
            tracks,
            list.toSorted((a, b) => a - b),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('decodes nothing where there is no face', async () => {
    const context = fakeStageContext(video, { facemesh });
    const range = { startFrame: 0, endFrame: 40 };
    await measureLips.run({ range, tracks: [track(0, 12, 17)] }, {}, context);
    expect(context.decoded).toEqual([12, 13, 14, 15, 16]);
  });
});
