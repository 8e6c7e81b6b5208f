import { describe, expect, it } from 'vitest';
import {
  EXAMPLE,
  exampleMedia,
  exampleScores,
  exampleTracks,
} from '../testing/example-conversation.js';
import { exampleDocument } from '../page/testing/example-document.js';
import { chooseMoments } from './choose-moments.js';
import { cutSquare, faceQuality } from './face-picture.js';
import { speakerThumbnails } from './speaker-thumbnails.js';

const source = {
  diarization: exampleDocument(),
  tracks: exampleTracks(),
  scores: exampleScores(),
  picture: EXAMPLE,
};

describe('chooseMoments', () => {
  it('prefers moments in which the speaker speaks, apart from each other', () => {
    const moments = chooseMoments(source, 2);
    expect([...moments.keys()]).toEqual(['Ann', 'Ben']);
    for (const { frameIndex } of moments.get('Ann')!) {
      const timeSec = frameIndex / 25;
      const isTurn = (timeSec >= 0.5 && timeSec < 2.5) || (timeSec >= 4.4 && timeSec < 5.2);
      expect(isTurn).toBe(true);
    }
  });

  it('prefers the larger face and one that is wholly in the picture', () => {
    const [ann] = exampleTracks();
    const halfSize = ann!.halfSize.map((half, i) => (i > 50 ? half + 15 : half));
    const centreX = ann!.centreX.map((x, i) => (i > 100 ? 5 : x));
    const diarization = { ...exampleDocument(), turns: [] };
    const tracks = [{ ...ann!, halfSize, centreX }];
    const [best] = chooseMoments({ ...source, diarization, tracks }, 1).get('Ann')!;
    expect(best!.frameIndex).toBeGreaterThan(50);
    expect(best!.frameIndex).toBeLessThan(101);
  });
});

describe('cutSquare', () => {
  it('averages all pixels under a target pixel', () => {
    const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) =>
      Math.floor(i / 3) % 2 === 0 ? 0 : 200,
    );
    const cut = cutSquare(
      { width: 8, height: 8, data },
      { centreX: 4, centreY: 4, halfSize: 4 },
      2,
    );
    expect([...cut.data]).toEqual(Array(12).fill(100));
  });

  it('repeats the edge outside of the frame', () => {
    const data = new Uint8Array(4 * 4 * 3).fill(77);
    const cut = cutSquare(
      { width: 4, height: 4, data },
      { centreX: -50, centreY: 90, halfSize: 8 },
      4,
    );
    expect(new Set(cut.data)).toEqual(new Set([77]));
  });
});

describe('faceQuality', () => {
  const picture = (brightness: (x: number, y: number) => number) => ({
    width: 48,
    height: 48,
    data: Uint8Array.from({ length: 48 * 48 * 3 }, (_, i) =>
      brightness(Math.floor(i / 3) % 48, Math.floor(i / 144)),
    ),
  });
  // Two dark eyes on a bright face, seen from the front and turned to the side.
  const face = (leftEye: number, rightEye: number) => (x: number, y: number) =>
    Math.hypot(x - leftEye, y - 18) < 5 || Math.hypot(x - rightEye, y - 18) < 5
      ? 20
      : 120 + 80 * (x % 3 === 1 ? 1 : 0);

  it('is higher for a face from the front than for one turned away', () => {
    expect(faceQuality(picture(face(14, 33)))).toBeGreaterThan(faceQuality(picture(face(4, 14))));
  });

  it('is low for a picture without contrast', () => {
    expect(faceQuality(picture(() => 90))).toBeLessThan(0.15);
  });
});

describe('speakerThumbnails', () => {
  it('gives every speaker that is seen a JPEG of its face', async () => {
    const pictures = await speakerThumbnails(source, exampleMedia(), new AbortController().signal);
    expect(pictures.map(([label]) => label)).toEqual(['Ann', 'Ben']);
    for (const [, address] of pictures) {
      expect(address).toMatch(/^data:image\/jpeg;base64,\/9j\//);
    }
    expect(pictures[0]![1]).not.toBe(pictures[1]![1]);
  });
});
