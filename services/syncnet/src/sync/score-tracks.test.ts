import type { FrameRange } from '@avd/domain';
import type { FakeRun } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinFloatRows } from '../float-rows.js';
import { noisyVideo, stillTrack } from '../testing/fake-track.js';
import { SYNC_BATCH_WINDOWS, SYNC_FEATURES } from './audio-features.js';
import { scoreTracks, type SyncPiece } from './score-tracks.js';

const PICTURE_BYTES = 224 * 224 * 3;

/** Row k is made of the pictures k..k+4; like real networks it minds, a little, how many rows are computed at once. */
const syncnetLip: FakeRun = ({ frames }) => {
  const rowCount = frames!.dims[0]! - 4;
  const data = new Float32Array(rowCount * SYNC_FEATURES);
  for (let row = 0; row < rowCount; row++) {
    for (let t = 0; t < 5; t++) {
      const brightness = Number(frames!.data[(row + t) * PICTURE_BYTES + PICTURE_BYTES / 2]);
      data[row * SYNC_FEATURES + t] = brightness + rowCount * 1e-3;
    }
  }
  return { embeddings: { data, dims: [rowCount, SYNC_FEATURES] } };
};
const syncnetAudio: FakeRun = ({ mfcc }) => {
  const rowCount = mfcc!.dims[0]!;
  const data = new Float32Array(rowCount * SYNC_FEATURES);
  for (let row = 0; row < rowCount; row++) {
    for (let k = 0; k < 5; k++) {
      data[row * SYNC_FEATURES + k] = Number(mfcc!.data[row * 260 + 20 * k]) + rowCount * 1e-3;
    }
  }
  return { embeddings: { data, dims: [rowCount, SYNC_FEATURES] } };
};
const networks = { 'syncnet-lip': syncnetLip, 'syncnet-audio': syncnetAudio };

const FRAME_COUNT = 130;
const tracks = [stillTrack(0, 0, 90), stillTrack(1, 13, 130), stillTrack(2, 40, 44)];

async function score(ranges: readonly FrameRange[], sampleCount = FRAME_COUNT * 640) {
  const context = noisyVideo(FRAME_COUNT, sampleCount, networks);
  const pieces: SyncPiece[] = [];
  for (const range of ranges) {
    pieces.push(...(await scoreTracks.run({ range, tracks }, {}, context)).pieces);
  }
  return { pieces, decoded: context.decoded };
}

function cutAt(cuts: readonly number[]): FrameRange[] {
  const limits = [...new Set([0, ...cuts, FRAME_COUNT])].sort((a, b) => a - b);
  return limits.slice(1).map((endFrame, i) => ({ startFrame: limits[i]!, endFrame }));
}

/** Distances of one track, shape (windows, 21). */
function distancesOf(pieces: readonly SyncPiece[], trackIndex: number): Float32Array {
  const own = pieces
    .filter((piece) => piece.trackIndex === trackIndex)
    .sort((a, b) => a.startWindow - b.startWindow);
  return joinFloatRows(own.map(({ distances }) => distances));
}

describe('scoreTracks', () => {
  it('gives five rows less than a track has frames, and none to a track of less', async () => {
    const { pieces } = await score(cutAt([]));
    expect(distancesOf(pieces, 0).length).toBe(85 * 21);
    expect(distancesOf(pieces, 1).length).toBe(112 * 21);
    expect(distancesOf(pieces, 2).length).toBe(0);
  });

  it('gives the same bytes however the video is cut', async () => {
    const whole = await score(cutAt([]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: FRAME_COUNT - 1 }), { maxLength: 6 }),
        async (cuts) => {
          const { pieces } = await score(cutAt(cuts));
          for (const track of [0, 1]) {
            expect(distancesOf(pieces, track)).toEqual(distancesOf(whole.pieces, track));
          }
        },
      ),
      { numRuns: 5 },
    );
  });

  it('ends with the sound when that is shorter than the picture', async () => {
    const { pieces } = await score(cutAt([]), 60 * 640);
    expect(distancesOf(pieces, 0).length).toBe(55 * 21);
    expect(distancesOf(pieces, 1).length).toBe(42 * 21);
    expect((await score(cutAt([]), 0)).pieces).toEqual([]);
  });

  it('reads no more than one batch beyond its range', async () => {
    const { decoded } = await score([{ startFrame: 20, endFrame: 50 }]);
    expect(decoded[0]).toBeGreaterThanOrEqual(20);
    expect(decoded.at(-1)).toBeLessThan(50 + SYNC_BATCH_WINDOWS + 4);
  });

  it('says so when frames are missing', async () => {
    const context = noisyVideo(50, FRAME_COUNT * 640, networks);
    const range = { startFrame: 0, endFrame: FRAME_COUNT };
    await expect(scoreTracks.run({ range, tracks }, {}, context)).rejects.toThrow(
      'could not all be decoded',
    );
  });
});
