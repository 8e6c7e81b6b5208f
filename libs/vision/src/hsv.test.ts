import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { bgrToHsv } from './hsv.js';

describe('conversion of BGR to HSV', () => {
  it.skipIf(!hasShared)('gives every byte of cv2.cvtColor', () => {
    const golden = new GoldenCase('vision/colour');
    const bgr = golden.array('bgr').data as Uint8Array;
    const expected = golden.array('hsv').data as Uint8Array;
    const hsv = new Uint8Array(bgr.length);
    bgrToHsv(bgr, hsv);
    expect(Buffer.compare(hsv, expected)).toBe(0);
  });

  it('knows the primary colours and grey', () => {
    const hsv = new Uint8Array(12);
    bgrToHsv(Uint8Array.of(0, 0, 255, 0, 255, 0, 255, 0, 0, 90, 90, 90), hsv);
    expect([...hsv]).toEqual([0, 255, 255, 60, 255, 255, 120, 255, 255, 0, 0, 90]);
  });
});
