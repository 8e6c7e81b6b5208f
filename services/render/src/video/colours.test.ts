import { describe, expect, it } from 'vitest';
import { confidenceRgb, speakerRgb, toYuv } from './colours.js';

describe('toYuv', () => {
  it('gives the corners of the video range', () => {
    expect(toYuv([0, 0, 0], 'bt601')).toEqual([16, 128, 128]);
    expect(toYuv([255, 255, 255], 'bt709')).toEqual([235, 128, 128]);
    expect(toYuv([255, 0, 0], 'bt601')).toEqual([81, 90, 240]);
    expect(toYuv([0, 0, 255], 'bt709')).toEqual([32, 240, 118]);
  });
});

describe('confidenceRgb', () => {
  it('goes from red over yellow to green', () => {
    const [r0, g0] = confidenceRgb(0);
    expect(r0).toBeGreaterThan(200);
    expect(g0).toBeLessThan(30);
    const [rHalf, gHalf] = confidenceRgb(0.48);
    expect(Math.min(rHalf, gHalf)).toBeGreaterThan(220);
    const [r1, g1] = confidenceRgb(1);
    expect(r1).toBeLessThan(30);
    expect(g1).toBeGreaterThan(200);
  });
});

describe('speakerRgb', () => {
  it('differs clearly between any two of the first twelve speakers', () => {
    const colours = Array.from({ length: 12 }, (_, i) => speakerRgb(i));
    for (const [i, one] of colours.entries()) {
      for (const other of colours.slice(i + 1)) {
        const distance = Math.hypot(...one.map((value, c) => value - other[c]!));
        expect(distance).toBeGreaterThan(25);
      }
    }
  });
});
