import { readFileSync } from 'node:fs';
import type { FaceDetection } from '@avd/domain';
import { GoldenCase, hasShared } from '@avd/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trackShot, type DetectionsByFrame } from './track-shot.js';

const faceAt = (left: number, top = 100, size = 80): FaceDetection => ({
  box: { left, top, right: left + size, bottom: top + size },
  score: 0.9,
});
/** The same faces in every frame of [0, frameCount), seen in frames that `isLook` accepts. */
const still = (
  frameCount: number,
  isLook: (frame: number) => boolean,
  ...faces: FaceDetection[]
): DetectionsByFrame =>
  Array.from({ length: frameCount }, (_, frame) => (isLook(frame) ? faces : null));

describe.skipIf(!hasShared)('tracks against the reference', () => {
  interface TrackCase {
    readonly input: { frame: number; bbox: [number, number, number, number]; conf: number }[][];
    readonly expected_tracks: { frame_first: number; frame_last: number; bbox: number[][] }[];
  }
  const golden = hasShared ? new GoldenCase('vision/track_shot') : undefined;
  const cases = golden?.values<{ cases: { name: string; file: string; note: string }[] }>().cases;

  it.each(cases ?? [])('are equal: $name ($note)', ({ file }) => {
    const { input, expected_tracks: expected } = JSON.parse(
      readFileSync(golden!.file(file), 'utf8'),
    ) as TrackCase;
    // Frame numbers are global: where a list is empty its neighbours tell.
    const startFrame = input.flatMap((faces, i) => faces.map(({ frame }) => frame - i))[0] ?? 0;
    const detections: FaceDetection[][] = Array.from({ length: startFrame }, () => []);
    for (const faces of input) {
      detections.push(
        faces.map(({ bbox: [left, top, right, bottom], conf }) => ({
          box: { left, top, right, bottom },
          score: conf,
        })),
      );
    }
    const tracks = trackShot(detections, { startFrame, endFrame: startFrame + input.length });
    expect(tracks.map((track) => [track.startFrame, track.endFrame - 1])).toEqual(
      expected.map((track) => [track.frame_first, track.frame_last]),
    );
    tracks.forEach((track, i) => {
      const boxes = expected[i]!.bbox.flat();
      expect(track.boxes).toHaveLength(boxes.length);
      const worst = Math.max(...boxes.map((value, k) => Math.abs(value - track.boxes[k]!)));
      expect(worst).toBeLessThanOrEqual(1e-9);
    });
  });
});

describe('tracks from frames that were looked at now and then', () => {
  const everyFifth = (frame: number): boolean => frame % 5 === 0;

  it('reach from the first to the last frame of the shot', () => {
    const detections = still(203, everyFifth, faceAt(50));
    const [track, ...others] = trackShot(detections, { startFrame: 3, endFrame: 203 });
    expect(others).toEqual([]);
    expect(track).toMatchObject({ startFrame: 3, endFrame: 203 });
    expect(track!.boxes).toEqual(Array.from({ length: 200 }, () => [50, 100, 130, 180]).flat());
  });

  it('end at the last sighting when a later look finds nothing', () => {
    const detections = still(200, everyFifth, faceAt(50)).map((faces, frame) =>
      faces !== null && (frame < 10 || frame > 150) ? [] : faces,
    );
    const [track] = trackShot(detections, { startFrame: 0, endFrame: 200 });
    expect(track).toMatchObject({ startFrame: 10, endFrame: 151 });
  });

  it('need detections that stand for more than the minimum of frames', () => {
    const shotOf = (endFrame: number) => ({ startFrame: 0, endFrame });
    expect(trackShot(still(50, everyFifth, faceAt(50)), shotOf(50))).toHaveLength(0);
    expect(trackShot(still(51, everyFifth, faceAt(50)), shotOf(51))).toHaveLength(1);
  });

  it('are none when nobody looked', () => {
    const shot = { startFrame: 0, endFrame: 100 };
    expect(
      trackShot(
        still(100, () => false),
        shot,
      ),
    ).toEqual([]);
  });
});

describe('tracks', () => {
  it('have one box a frame, stay in the shot, and follow each of several faces once', () => {
    const looks = fc.record({
      every: fc.integer({ min: 1, max: 8 }),
      startFrame: fc.nat(40),
      length: fc.integer({ min: 60, max: 200 }),
    });
    fc.assert(
      fc.property(looks, ({ every, startFrame, length }) => {
        const endFrame = startFrame + length;
        const faces = [faceAt(0), faceAt(200), faceAt(400)];
        const detections = still(endFrame + 20, (frame) => frame % every === 0, ...faces);
        const tracks = trackShot(detections, { startFrame, endFrame });
        expect(tracks.map((track) => track.boxes[0])).toEqual([0, 200, 400]);
        for (const track of tracks) {
          expect(track.startFrame).toBe(startFrame);
          expect(track.endFrame).toBe(endFrame);
          expect(track.boxes).toHaveLength(4 * length);
        }
      }),
    );
  });

  it('leave the detections as they were', () => {
    const detections = still(100, () => true, faceAt(0), faceAt(200));
    const before = structuredClone(detections);
    trackShot(detections, { startFrame: 0, endFrame: 100 });
    expect(detections).toEqual(before);
  });
});
