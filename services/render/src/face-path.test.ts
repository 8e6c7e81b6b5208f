import { describe, expect, it } from 'vitest';
import { facePath } from './face-path.js';
import { facePosition } from './page/face-at.js';
import { exampleScores, exampleTracks } from './testing/example-conversation.js';

function wobblyTrack(frameCount: number) {
  const along = (f: (frame: number) => number) =>
    Array.from({ length: frameCount }, (_, i) => f(i));
  return {
    trackIndex: 0,
    startFrame: 40,
    endFrame: 40 + frameCount,
    boxes: [],
    centreX: along((i) => 200 + 80 * Math.sin(i / 20)),
    centreY: along((i) => 150 + 30 * Math.cos(i / 33)),
    halfSize: along((i) => 40 + 0.05 * i),
  };
}

describe('facePath', () => {
  it('stays within five percent of the face everywhere', () => {
    const track = wobblyTrack(700);
    const path = facePath(track, undefined);
    for (let i = 0; i < 700; i++) {
      const { centreX, centreY, halfSize } = facePosition(path, 40 + i);
      const allowed = 0.05 * track.halfSize[i]! + 1;
      expect(Math.abs(centreX - track.centreX[i]!)).toBeLessThan(allowed);
      expect(Math.abs(centreY - track.centreY[i]!)).toBeLessThan(allowed);
      expect(Math.abs(halfSize - track.halfSize[i]!)).toBeLessThan(allowed);
    }
  });

  it('needs far fewer numbers than frames', () => {
    expect(facePath(wobblyTrack(700), undefined).keys.length).toBeLessThan(700);
    const [, standing] = exampleTracks();
    expect(facePath(standing!, undefined).keys).toEqual([
      0, 250, 120, 30, 75, 250, 120, 30, 150, 250, 120, 30, 199, 250, 120, 30,
    ]);
  });

  it('ends at the last frame, also for a track of one', () => {
    expect(facePath(wobblyTrack(1), undefined).keys).toHaveLength(4);
    expect(facePath(wobblyTrack(2), undefined).keys[4]).toBe(1);
  });

  it('writes how the lips speak as a digit for five frames', () => {
    const [ann] = exampleScores();
    const { speaking } = facePath(exampleTracks()[0]!, ann);
    expect(speaking).toHaveLength(40);
    expect(speaking.startsWith('1')).toBe(true);
    expect(speaking[5]).toBe('8');
  });
});
