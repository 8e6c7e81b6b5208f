import { AvdError, type FaceTrack, type Shot } from '@avd/domain';
import type { Stage } from '@avd/stage-kit';
import { DEFAULT_SHOT_OPTIONS, findShots, type ShotOptions } from './find-shots.js';
import { DEFAULT_SMOOTHING_OPTIONS, smoothTrack, type SmoothingOptions } from './smooth-track.js';
import {
  DEFAULT_TRACK_OPTIONS,
  trackShot,
  type DetectionsByFrame,
  type TrackOptions,
} from './track-shot.js';

/** Results of DetectFaces for all chunks of the video, joined in order. */
export interface LinkTracksInput {
  readonly frameCount: number;
  /** Shape (frameCount). */
  readonly detections: DetectionsByFrame;
  /** Shape (frameCount). */
  readonly contentScores: readonly number[];
}

export interface LinkTracksOutput {
  readonly shots: readonly Shot[];
  /** By shot, then by first detection. */
  readonly tracks: readonly FaceTrack[];
}

export interface LinkTracksParams extends TrackOptions, ShotOptions {
  readonly smoothing: SmoothingOptions;
}

/** The values of the reference. */
export const DEFAULT_LINK_TRACKS_PARAMS: LinkTracksParams = {
  ...DEFAULT_TRACK_OPTIONS,
  ...DEFAULT_SHOT_OPTIONS,
  smoothing: DEFAULT_SMOOTHING_OPTIONS,
};

/** Finds the shots of a video and follows the faces through each of them. */
export const linkTracks: Stage<LinkTracksInput, LinkTracksOutput, LinkTracksParams> = {
  name: 'face-track.LinkTracks',
  version: '1',
  run: async ({ frameCount, detections, contentScores }, params, ctx) => {
    if (detections.length !== frameCount || contentScores.length !== frameCount) {
      throw new AvdError(
        'internal',
        'FRAMES_MISSING',
        `Faces of ${detections.length} and scores of ${contentScores.length} frames do not make a video of ${frameCount}.`,
      );
    }
    const shots = findShots(contentScores, frameCount, params);
    const tracks: FaceTrack[] = [];
    for (const [i, shot] of shots.entries()) {
      ctx.signal.throwIfAborted();
      // The reference does not look into shorter shots, even if overlapping boxes could make up a track there.
      const isLongEnough = shot.endFrame - shot.startFrame >= params.minTrackFrames;
      for (const face of isLongEnough ? trackShot(detections, shot, params) : []) {
        const smoothed = smoothTrack(face.boxes, params.smoothing);
        tracks.push({ trackIndex: tracks.length, ...face, ...smoothed });
      }
      ctx.report({ done: i + 1, total: shots.length, unit: 'shots' });
    }
    return { shots, tracks };
  },
};
