import { describe, expect, it } from 'vitest';
import { facePosition, lipsAt, MomentIndex, speakingConfidence } from './face-at.js';

const path = {
  trackIndex: 3,
  startFrame: 100,
  endFrame: 121,
  keys: [0, 50, 60, 20, 10, 70, 60, 30, 20, 70, 80, 30],
  speaking: '0369',
};

describe('facePosition', () => {
  it('moves in a straight line from key to key', () => {
    expect(facePosition(path, 100)).toEqual({ centreX: 50, centreY: 60, halfSize: 20 });
    expect(facePosition(path, 105)).toEqual({ centreX: 60, centreY: 60, halfSize: 25 });
    expect(facePosition(path, 117.5)).toEqual({ centreX: 70, centreY: 75, halfSize: 30 });
    expect(facePosition(path, 120.9)).toEqual({ centreX: 70, centreY: 80, halfSize: 30 });
  });
});

describe('lipsAt', () => {
  it('reads one digit every five frames', () => {
    expect(lipsAt(path, 100)).toBe(0);
    expect(lipsAt(path, 109.9)).toBeCloseTo(1 / 3);
    expect(lipsAt(path, 120)).toBe(1);
    expect(lipsAt({ ...path, speaking: '' }, 100)).toBeUndefined();
  });
});

describe('speakingConfidence', () => {
  const seen = () => true;

  it('is high exactly for the face whose turn it is', () => {
    const turn = { confidence: 0.8, trackIndex: 3 };
    expect(speakingConfidence(1, 3, seen, [turn])).toBe(1);
    expect(speakingConfidence(0, 3, seen, [turn])).toBe(0.75);
    expect(speakingConfidence(1, 3, seen, [])).toBe(0.35);
    expect(speakingConfidence(0.2, 3, seen, [])).toBeCloseTo(0.07);
  });

  it('goes by the turn where lips were not measured', () => {
    expect(speakingConfidence(undefined, 3, seen, [{ confidence: 0.8 }])).toBeCloseTo(0.95);
    expect(speakingConfidence(undefined, 3, seen, [])).toBe(0);
  });

  it('belongs to the face it was seen on while that is in the picture', () => {
    const turn = { confidence: 1, trackIndex: 7 };
    expect(speakingConfidence(1, 3, (track) => track === 7, [turn])).toBe(0.35);
    expect(speakingConfidence(1, 3, () => false, [turn])).toBe(1);
  });
});

describe('MomentIndex', () => {
  it('finds what every look at all spans would find', () => {
    const spans = Array.from({ length: 60 }, (_, i) => [i * 0.7, i * 0.7 + (i % 7) * 4] as const);
    const index = new MomentIndex(spans, (span) => span);
    for (let timeSec = 0; timeSec < 80; timeSec += 0.9) {
      const expected = spans.filter(([from, to]) => from <= timeSec && timeSec < to);
      expect(index.at(timeSec)).toEqual(expected);
    }
  });
});
