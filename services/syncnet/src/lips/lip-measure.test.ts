import { describe, expect, it } from 'vitest';
import { MOUTH_PATCH_HEIGHT, MOUTH_PATCH_WIDTH, mouthMotion } from './lip-measure.js';

const size = MOUTH_PATCH_WIDTH * MOUTH_PATCH_HEIGHT;
const patch = (grey: (x: number, y: number) => number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) =>
    grey(i % MOUTH_PATCH_WIDTH, Math.floor(i / MOUTH_PATCH_WIDTH)),
  );
const closed = patch((_x, y) => (y === 12 ? 40 : 160));
const open = patch((_x, y) => (y > 8 && y < 16 ? 40 : 160));

describe('mouthMotion', () => {
  it('is nothing for a still mouth, also when the light changes', () => {
    expect(mouthMotion(closed, closed)).toBe(0);
    expect(
      mouthMotion(
        closed,
        closed.map((grey) => grey + 30),
      ),
    ).toBeLessThan(1e-9);
  });

  it('is large when the mouth opens and does not depend on the direction of time', () => {
    expect(mouthMotion(closed, open)).toBeGreaterThan(0.5);
    expect(mouthMotion(open, closed)).toBeCloseTo(mouthMotion(closed, open), 12);
  });

  it('stays finite for pictures without contrast', () => {
    const flat = patch(() => 128);
    expect(mouthMotion(flat, flat)).toBe(0);
  });
});
