import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { smoothTrack } from './smooth-track.js';

describe.skipIf(!hasShared)('smoothed track against the reference', () => {
  it.each(['inside', 'top_left', 'bottom_right', 'huge', 'jumps', 'tiny_wide'])(
    'is equal: %s',
    (name) => {
      const golden = new GoldenCase('vision/crop_video');
      const boxes = [...(golden.array(`${name}_bbox`).data as Float64Array)];
      const actual = smoothTrack(boxes);
      expect(actual.halfSize).toEqual([...golden.array(`${name}_s`).data]);
      expect(actual.centreX).toEqual([...golden.array(`${name}_x`).data]);
      expect(actual.centreY).toEqual([...golden.array(`${name}_y`).data]);
    },
  );

  it('keeps every medfilt vector, also of tracks shorter than the kernel', () => {
    const { medfilt13 } = new GoldenCase('vision/crop_video').values<{
      medfilt13: { x: number[]; k: number; y: number[] }[];
    }>();
    for (const { x, k, y } of medfilt13) {
      const boxes = x.flatMap((value) => [value, 0, value, 0]);
      expect(smoothTrack(boxes, { kernelFrames: k, edges: 'zero' }).centreX).toEqual(y);
    }
  });

  it.each([
    'medfilt13_edges',
    'medfilt13_constant',
    'medfilt13_negative_constant',
    'medfilt13_negative',
    'medfilt13_mixed_sign',
  ])('shows the oddity %s', (key) => {
    const vector = new GoldenCase('quirks').values<Record<string, { x: number[]; y: number[] }>>()[
      key
    ]!;
    const boxes = vector.x.flatMap((value) => [0, value, 0, value]);
    expect(smoothTrack(boxes).centreY).toEqual(vector.y);
  });
});

describe('smoothed track with repeated edges', () => {
  const repeat = { kernelFrames: 13, edges: 'repeat' } as const;
  const movingRight = Array.from({ length: 60 }, (_, t) => [t, 10, t + 40, 90]).flat();

  it('follows a face that moves at the very start and end', () => {
    const { centreX, centreY, halfSize } = smoothTrack(movingRight, repeat);
    expect(centreX[0]).toBe(20);
    expect(centreX[59]).toBe(79);
    expect(new Set(centreY)).toEqual(new Set([50]));
    expect(new Set(halfSize)).toEqual(new Set([40]));
  });

  it('agrees with the zero edges away from the ends', () => {
    const zero = smoothTrack(movingRight, { kernelFrames: 13, edges: 'zero' });
    const actual = smoothTrack(movingRight, repeat);
    expect(actual.centreX.slice(6, -6)).toEqual(zero.centreX.slice(6, -6));
    expect(actual.centreX).toHaveLength(60);
  });

  it('keeps a track of one frame where it is', () => {
    expect(smoothTrack([10, 20, 30, 60], repeat)).toEqual({
      centreX: [20],
      centreY: [40],
      halfSize: [20],
    });
  });
});
