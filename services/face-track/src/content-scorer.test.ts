import { spawnSync } from 'node:child_process';
import { GoldenCase, hasShared } from '@avd/testing';
import { createBgrImage } from '@avd/vision';
import { describe, expect, it } from 'vitest';
import { ContentScorer } from './content-scorer.js';
import { findShots } from './find-shots.js';
import { readPngAsBgr } from './png-fixture.js';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

/** Scores of all frames of a video file, 0 for the first. */
function scoreVideo(file: string, width: number, height: number): number[] {
  const args = ['-v', 'error', '-i', file, '-f', 'rawvideo', '-pix_fmt', 'bgr24', '-'];
  const { stdout } = spawnSync('ffmpeg', args, { maxBuffer: 1 << 28 });
  const frameBytes = width * height * 3;
  const scorer = new ContentScorer(width, height);
  return Array.from({ length: stdout.length / frameBytes }, (_, i) =>
    scorer.score({ width, height, data: stdout.subarray(i * frameBytes, (i + 1) * frameBytes) }),
  );
}

describe.skipIf(!hasShared)('content score against PySceneDetect', () => {
  const golden = hasShared ? new GoldenCase('vision/scenes') : undefined;

  it('agrees on exact pictures', () => {
    const { exact_png_sequence: sequence } = golden!.values<{
      exact_png_sequence: { frames: number[]; scores: number[]; tolerance: number };
    }>();
    const frames = sequence.frames.map((frame) =>
      readPngAsBgr(golden!.file(`frames_${String(frame).padStart(3, '0')}.png`)),
    );
    const scorer = new ContentScorer(frames[0]!.width, frames[0]!.height);
    frames.forEach((frame, i) => {
      expect(Math.abs(scorer.score(frame) - sequence.scores[i]!)).toBeLessThanOrEqual(
        sequence.tolerance,
      );
    });
  });

  it.skipIf(!hasFfmpeg).each(['hardcuts_320x180', 'hardcuts_portrait_144x288', 'nodown_200x112'])(
    'finds the same scores and shots in %s',
    (name) => {
      interface Video {
        readonly frame_size: [number, number];
        readonly scenes: [number, number][];
      }
      const video = golden!.values<Record<string, Video>>()[name]!;
      const metrics = golden!.array(`${name}_metrics`);
      const columnCount = metrics.shape[1]!;
      const scores = scoreVideo(golden!.file(`${name}.avi`), ...video.frame_size);
      expect(scores).toHaveLength(metrics.shape[0]!);
      scores.slice(1).forEach((score, i) => {
        const expected = Number(metrics.data[(i + 1) * columnCount]);
        expect(Math.abs(score - expected)).toBeLessThanOrEqual(metrics.tolerance.abs);
      });
      expect(findShots(scores, scores.length)).toEqual(
        video.scenes.map(([startFrame, endFrame]) => ({ startFrame, endFrame })),
      );
    },
  );
});

describe('content score', () => {
  it('is 0 for the first frame and for a frame equal to the one before', () => {
    const scorer = new ContentScorer(640, 360);
    const frame = createBgrImage(640, 360);
    frame.data.fill(77);
    expect(scorer.score(frame)).toBe(0);
    expect(scorer.score(frame)).toBe(0);
  });

  it('depends on the frame and the one before it only', () => {
    const grey = (value: number): ReturnType<typeof createBgrImage> => {
      const frame = createBgrImage(400, 300);
      frame.data.fill(value);
      return frame;
    };
    const long = new ContentScorer(400, 300);
    for (const value of [3, 250, 9]) long.score(grey(value));
    const short = new ContentScorer(400, 300);
    short.score(grey(9));
    // Grey differs in value only, which is one of three channels.
    expect(long.score(grey(39))).toBe(10);
    expect(short.score(grey(39))).toBe(10);
  });

  it('keeps the pixels it needs when the buffer of the frame is used again', () => {
    const scorer = new ContentScorer(100, 100);
    const frame = createBgrImage(100, 100);
    scorer.score(frame);
    frame.data.fill(60);
    expect(scorer.score(frame)).toBe(20);
  });
});
