import { describe, expect, it } from 'vitest';
import { toFaceBox } from './face-box.js';

describe('toFaceBox', () => {
  it('makes a square higher, narrower and moves it up to the forehead', () => {
    const box = toFaceBox({ left: 100, top: 100, right: 200, bottom: 200 });
    expect(box.right - box.left).toBeCloseTo(92, 9);
    expect(box.bottom - box.top).toBeCloseTo(127, 9);
    expect((box.left + box.right) / 2).toBeCloseTo(150, 9);
    expect((box.top + box.bottom) / 2).toBeCloseTo(137, 9);
  });

  it('scales and moves with the square', () => {
    const one = toFaceBox({ left: 0, top: 0, right: 10, bottom: 10 });
    const two = toFaceBox({ left: 5, top: 7, right: 25, bottom: 27 });
    for (const side of ['left', 'right'] as const) {
      expect(two[side] - 5).toBeCloseTo(one[side] * 2, 9);
    }
    for (const side of ['top', 'bottom'] as const) {
      expect(two[side] - 7).toBeCloseTo(one[side] * 2, 9);
    }
  });
});
