import { fakeStageContext } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import type { LipSeries } from './measure-lips.js';
import { scoreLips, type LipScores } from './score-lips.js';

const ctx = fakeStageContext({ width: 1, height: 1, frameCount: 0, paint: () => undefined }, {});

function series(
  startFrame: number,
  motion: readonly number[],
  opening: readonly number[],
): LipSeries {
  const zeros = motion.map(() => 0);
  return { trackIndex: 3, startFrame, motion, opening, width: zeros, yaw: zeros, faceScore: zeros };
}

async function score(...pieces: LipSeries[]): Promise<LipScores> {
  const { tracks } = await scoreLips.run({ chunks: pieces.map((piece) => [piece]) }, {}, ctx);
  expect(tracks).toHaveLength(1);
  return tracks[0]!;
}

const talking = Array.from({ length: 50 }, (_, i) => 0.16 + 0.05 * Math.sin(i));
const talkingLips = Array.from({ length: 50 }, (_, i) => 0.04 + 0.03 * Math.sin(i / 2));
const still = Array.from({ length: 50 }, () => 0.02);

describe('scoreLips', () => {
  it('tells talking lips from still ones', async () => {
    const { speaking } = await score(
      series(10, [...talking, ...still], [...talkingLips, ...still]),
    );
    expect(Math.min(...speaking.slice(0, 40))).toBeGreaterThan(0.8);
    expect(Math.max(...speaking.slice(60))).toBeLessThan(0.2);
  });

  it('joins the pieces of a track before it smooths', async () => {
    const whole = await score(series(10, [...talking, ...still], [...talkingLips, ...still]));
    const pieces = await score(
      series(10, talking.slice(0, 7), talkingLips.slice(0, 7)),
      series(17, [...talking.slice(7), ...still], [...talkingLips.slice(7), ...still]),
    );
    expect(pieces).toEqual(whole);
    expect([whole.startFrame, whole.endFrame, whole.speaking.length]).toEqual([10, 110, 100]);
  });
});
