import { readFileSync } from 'node:fs';
import { AvdError } from '@avd/domain';
import type { StageContext } from '@avd/stage-kit';
import { excessOverTolerance, GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LINK_TRACKS_PARAMS, linkTracks } from './link-tracks.js';

const context = {
  signal: new AbortController().signal,
  report: () => {},
} as unknown as StageContext;

describe('linking tracks', () => {
  it.skipIf(!hasShared)(
    'gives the shots and tracks of the reference for a real video',
    async () => {
      const golden = new GoldenCase('e2e');
      const faces = JSON.parse(readFileSync(golden.file('faces_injected.json'), 'utf8')) as {
        bbox: [number, number, number, number];
        conf: number;
      }[][];
      const { preprocess, tracks: expected } = golden.values<{
        preprocess: { scenes: [number, number][] };
        tracks: { first_frame: number; n_frames: number }[];
      }>();
      // The last picture of the reference belongs to no scene: it is one that was repeated near the start.
      const frameCount = preprocess.scenes.at(-1)![1];
      const contentScores = new Array<number>(frameCount).fill(0);
      for (const [start] of preprocess.scenes) contentScores[start] = 100;
      const detections = faces.slice(0, frameCount).map((inFrame) =>
        inFrame.map(({ bbox: [left, top, right, bottom], conf }) => ({
          box: { left, top, right, bottom },
          score: conf,
        })),
      );
      const { shots, tracks } = await linkTracks.run(
        { frameCount, detections, contentScores },
        DEFAULT_LINK_TRACKS_PARAMS,
        context,
      );
      expect(shots.map((shot) => [shot.startFrame, shot.endFrame])).toEqual(preprocess.scenes);
      expect(tracks.map((track) => [track.startFrame, track.endFrame])).toEqual(
        expected.map((track) => [track.first_frame, track.first_frame + track.n_frames]),
      );
      tracks.forEach((track, i) => {
        expect(track.trackIndex).toBe(i);
        const parts = { bbox: track.boxes, s: track.halfSize, x: track.centreX, y: track.centreY };
        for (const [part, actual] of Object.entries(parts)) {
          const { data, tolerance } = golden.array(`track${i}_${part}`);
          expect(excessOverTolerance(actual, data as Float64Array, tolerance)).toBeLessThanOrEqual(
            0,
          );
        }
      });
    },
  );

  it('does not link faces across a cut', async () => {
    const face = { box: { left: 0, top: 0, right: 90, bottom: 90 }, score: 1 };
    const contentScores = new Array<number>(200).fill(0);
    contentScores[90] = 80;
    const detections = contentScores.map(() => [face]);
    const { tracks } = await linkTracks.run(
      { frameCount: 200, detections, contentScores },
      DEFAULT_LINK_TRACKS_PARAMS,
      context,
    );
    expect(tracks.map((track) => [track.startFrame, track.endFrame])).toEqual([
      [0, 90],
      [90, 200],
    ]);
  });

  it('gives nothing for a video without frames', async () => {
    const empty = { frameCount: 0, detections: [], contentScores: [] };
    expect(await linkTracks.run(empty, DEFAULT_LINK_TRACKS_PARAMS, context)).toEqual({
      shots: [],
      tracks: [],
    });
  });

  it('refuses results that do not cover the video', async () => {
    const incomplete = { frameCount: 2, detections: [[]], contentScores: [0] };
    await expect(linkTracks.run(incomplete, DEFAULT_LINK_TRACKS_PARAMS, context)).rejects.toThrow(
      AvdError,
    );
  });
});
