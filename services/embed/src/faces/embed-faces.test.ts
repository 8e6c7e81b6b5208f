import type { FaceTrack } from '@avd/domain';
import { fakeStageContext, type FakeRun } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import type { FloatRows } from '../float-rows.js';
import { embedFaces } from './embed-faces.js';

const video = {
  width: 40,
  height: 30,
  frameCount: 60,
  paint: (frameIndex: number, data: Uint8Array): void => void data.fill(frameIndex),
};
/** Remembers the brightness of the picture: here the frame's index. */
const faceres: FakeRun = ({ image }) => ({
  descriptor: { data: Float32Array.of(Number(image!.data[112 * 224 + 112]), 100), dims: [1, 2] },
});

/** The rows as arrays of their own. */
function rowsOf({ rowCount, columnCount, data }: FloatRows): Float32Array[] {
  const bytes = Buffer.from(data, 'base64');
  const all = new Float32Array(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
  );
  return Array.from({ length: rowCount }, (_, row) =>
    all.slice(row * columnCount, (row + 1) * columnCount),
  );
}

function track(trackIndex: number, startFrame: number, endFrame: number): FaceTrack {
  const each = (value: number): number[] =>
    Array.from({ length: endFrame - startFrame }, () => value);
  return {
    trackIndex,
    startFrame,
    endFrame,
    boxes: [],
    centreX: each(20),
    centreY: each(15),
    halfSize: each(5),
  };
}

async function frameIndexes(tracks: readonly FaceTrack[], startFrame: number, endFrame: number) {
  const context = fakeStageContext(video, { faceres });
  const { faces } = await embedFaces.run(
    { range: { startFrame, endFrame }, tracks },
    { model: 'faceres' },
    context,
  );
  return faces.map(({ trackIndex, descriptors }) => ({
    trackIndex,
    frames: rowsOf(descriptors).map((vector) => Math.round((100 * vector[0]!) / vector[1]!)),
  }));
}

describe('embedFaces', () => {
  const tracks = [track(0, 0, 50), track(1, 20, 60)];

  it('describes four pictures spread over each track', async () => {
    expect(await frameIndexes(tracks, 0, 60)).toEqual([
      { trackIndex: 0, frames: [10, 20, 30, 40] },
      { trackIndex: 1, frames: [28, 36, 44, 52] },
    ]);
  });

  it('takes every picture in exactly one chunk', async () => {
    expect(await frameIndexes(tracks, 0, 30)).toEqual([
      { trackIndex: 0, frames: [10, 20] },
      { trackIndex: 1, frames: [28] },
    ]);
    expect(await frameIndexes(tracks, 30, 60)).toEqual([
      { trackIndex: 0, frames: [30, 40] },
      { trackIndex: 1, frames: [36, 44, 52] },
    ]);
  });

  it('gives unit vectors', async () => {
    const context = fakeStageContext(video, { faceres });
    const { faces } = await embedFaces.run(
      { range: { startFrame: 0, endFrame: 60 }, tracks },
      { model: 'faceres' },
      context,
    );
    for (const vector of faces.flatMap(({ descriptors }) => rowsOf(descriptors))) {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 4);
    }
  });
});
