import type { FrameRange } from '@avd/domain';
import type { FakeRun } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noisyVideo, stillTrack } from '../testing/fake-track.js';
import { combineLrAsd } from './combine-lr-asd.js';
import { runLrAsd, type AsdPiece } from './run-lr-asd.js';

/** Scores that depend on the picture, the sound and the length of the piece. */
const lrAsd: FakeRun = ({ frames, mfcc }) => {
  const [, frameCount = 0] = frames!.dims;
  expect(mfcc!.dims).toEqual([1, 4 * frameCount, 13]);
  const scores = Float32Array.from(
    { length: frameCount },
    (_, i) =>
      Number(frames!.data[i * 112 * 112 + 6000]) / 100 +
      Number(mfcc!.data[i * 4 * 13]) / 100 -
      frameCount / 50,
  );
  return { scores: { data: scores, dims: [1, frameCount] } };
};

const FRAME_COUNT = 160;
const tracks = [stillTrack(0, 0, 90), stillTrack(1, 13, 160)];
const params = { model: 'lr-asd-ava', durationsSec: [1, 3] } as const;

async function run(ranges: readonly FrameRange[], sampleCount = FRAME_COUNT * 640) {
  const context = noisyVideo(FRAME_COUNT, sampleCount, { 'lr-asd-ava': lrAsd });
  const pieces: AsdPiece[] = [];
  for (const range of ranges) {
    pieces.push(...(await runLrAsd.run({ range, tracks }, params, context)).pieces);
  }
  return combineLrAsd.run({ tracks, pieces }, {}, context);
}

function cutAt(cuts: readonly number[]): FrameRange[] {
  const limits = [...new Set([0, ...cuts, FRAME_COUNT])].sort((a, b) => a - b);
  return limits.slice(1).map((endFrame, i) => ({ startFrame: limits[i]!, endFrame }));
}

describe('LR-ASD over tracks', () => {
  it('gives one probability a frame, but for the last, whose sound is not complete', async () => {
    const { tracks: scored } = await run(cutAt([]));
    expect(scored.map(({ startFrame, endFrame }) => [startFrame, endFrame])).toEqual([
      [0, 89],
      [13, 159],
    ]);
    for (const { startFrame, endFrame, speaking } of scored) {
      expect(speaking.length).toBe(endFrame - startFrame);
      expect(speaking.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  });

  it('gives the same bytes however the video is cut', async () => {
    const whole = JSON.stringify(await run(cutAt([])));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: FRAME_COUNT - 1 }), { maxLength: 6 }),
        async (cuts) => {
          expect(JSON.stringify(await run(cutAt(cuts)))).toBe(whole);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('scores as far as there is sound', async () => {
    const { tracks: scored } = await run(cutAt([]), 50 * 640);
    expect(scored.map(({ endFrame }) => endFrame)).toEqual([49, 49]);
    expect((await run(cutAt([]), 0)).tracks).toEqual([]);
  });

  it('averages over the lengths of the pieces', async () => {
    const piece = (durationSec: number, startFrame: number, scores: number[]): AsdPiece => ({
      ...{ trackIndex: 0, durationSec, startFrame, scores },
    });
    const pieces = [
      piece(2, 0, [1, 1, 1, 1, 1, 1, 1, 1]),
      piece(1, 4, [-1, -1, -1, -1]),
      piece(1, 0, [3, 3, 3, 3]),
    ];
    const input = { tracks: [{ trackIndex: 0, startFrame: 7 }], pieces };
    const { tracks: scored } = await combineLrAsd.run(input, {}, undefined as never);
    const probability = (score: number): number => 1 / (1 + Math.exp(-1.8 * (score + 0.8)));
    expect(scored[0]!.speaking[0]).toBeCloseTo(probability(2), 4);
    expect(scored[0]!.speaking.at(-1)).toBeCloseTo(probability(0), 4);
  });
});
