import {
  createBlazeFaceDetector,
  createDetectFaces,
  createS3fdDetector,
  createYunetDetector,
  DEFAULT_LINK_TRACKS_PARAMS,
  linkTracks,
  type DetectFacesOutput,
  type LinkTracksOutput,
  type LinkTracksParams,
} from '@avd/face-track';
import { chunkRange } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import { noModels, type Step } from './step.js';

// Detectors and their networks have the same names.
const detectFaces = createDetectFaces({
  blazeface: createBlazeFaceDetector,
  yunet: createYunetDetector,
  s3fd: createS3fdDetector,
} satisfies Record<DiarizeSettings['faceDetector'], unknown>);

export const detectFacesStep: Step<DetectFacesOutput> = {
  stages: () => [detectFaces],
  models: ({ faceDetector }) => [faceDetector],
  params: detectParams,
  run: ({ plan, task, settings }, ctx) =>
    detectFaces.run(
      { range: chunkRange(plan, task.index), frameCount: plan.frameCount },
      detectParams(settings),
      ctx,
    ),
};

export const linkTracksStep: Step<LinkTracksOutput> = {
  stages: () => [linkTracks],
  models: noModels,
  params: linkParams,
  run: ({ plan, results, settings }, ctx) =>
    linkTracks.run(
      {
        frameCount: plan.frameCount,
        detections: results.detectFaces!.flatMap((chunk) => chunk.detections),
        contentScores: results.detectFaces!.flatMap((chunk) => chunk.contentScores),
      },
      linkParams(settings),
      ctx,
    ),
};

function detectParams({ faceDetector, detectEvery }: DiarizeSettings) {
  return { detector: faceDetector, detectEvery };
}

/**
 * Tracks down to 0.8 s and 20 px, since speech that nobody is seen to speak costs more than a short track; the
 * smoothing keeps the ends of a track where they are.
 */
function linkParams({ profile, detectEvery }: DiarizeSettings): LinkTracksParams {
  if (profile === 'voxconverse') return DEFAULT_LINK_TRACKS_PARAMS;
  return {
    ...DEFAULT_LINK_TRACKS_PARAMS,
    minTrackFrames: 20,
    minFaceSizePx: 20,
    maxGapFrames: Math.max(DEFAULT_LINK_TRACKS_PARAMS.maxGapFrames, 3 * detectEvery),
    smoothing: { kernelFrames: 13, edges: 'repeat' },
  };
}
