import { describe, expect, it } from 'vitest';
import { toFloatRows } from '../float-rows.js';
import { combineSync } from './combine-sync.js';
import type { SyncPiece } from './score-tracks.js';

const SHIFTS = 21;
const context = undefined as never;

/** Windows whose best shift is the middle one: distance 1 elsewhere, and there as given. */
function distances(middle: readonly number[]): Float32Array {
  return Float32Array.from({ length: middle.length * SHIFTS }, (_, i) =>
    i % SHIFTS === 10 ? middle[Math.floor(i / SHIFTS)]! : 1,
  );
}

function pieceOf(startWindow: number, middle: readonly number[]): SyncPiece {
  return { trackIndex: 0, startWindow, distances: toFloatRows(distances(middle), SHIFTS) };
}

const repeat = (value: number, count: number): number[] => new Array<number>(count).fill(value);

describe('combineSync', () => {
  it('reads a confidence of 0.5 as even and 0.9 as nine to one, one number a frame', async () => {
    const pieces = [pieceOf(40, repeat(0.1, 40)), pieceOf(0, repeat(0.5, 40))];
    const { tracks } = await combineSync.run(
      { tracks: [{ trackIndex: 0, startFrame: 100 }], pieces },
      {},
      context,
    );
    expect(tracks).toHaveLength(1);
    const { startFrame, endFrame, speaking } = tracks[0]!;
    expect([startFrame, endFrame, speaking.length]).toEqual([100, 184, 84]);
    // Up to rounding of float32.
    expect(speaking[0]).toBeCloseTo(0.5, 3);
    expect(speaking.at(-1)).toBeCloseTo(0.9, 3);
  });

  it('leaves out tracks without a window', async () => {
    const input = { tracks: [{ trackIndex: 3, startFrame: 0 }], pieces: [] };
    expect(await combineSync.run(input, {}, context)).toEqual({ tracks: [] });
  });
});
