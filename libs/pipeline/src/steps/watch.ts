import { embedFacesMethod, type EmbedFacesSpec } from '@avd/embed';
import {
  DEFAULT_LINK_TRACKS_PARAMS,
  detectFacesMethod,
  linkTracksMethod,
  type LinkTracksParams,
} from '@avd/face-track';
import {
  readLipsMethod,
  scoreLipsMethod,
  type LipReading,
  type RunLrAsdParams,
} from '@avd/syncnet';
import { chunkRange } from '../plan.js';
import type { DiarizeSettings } from '../settings.js';
import { defineFrameStep, defineStep, noInputs } from './step.js';

export const detectFacesStep = defineStep(
  detectFacesMethod,
  noInputs,
  ({ plan, index, settings: { faceDetector, detectEvery } }) => ({
    range: chunkRange(plan, index),
    frameCount: plan.frameCount,
    detector: faceDetector,
    detectEvery,
  }),
);

export const linkTracksStep = defineStep(
  linkTracksMethod,
  ({ detectFaces }) => ({ detectFaces: detectFaces! }),
  ({ plan, settings }) => ({ frameCount: plan.frameCount, params: linkParams(settings) }),
);

export const readLipsStep = defineFrameStep(
  readLipsMethod,
  ({ linkTracks }) => ({ linkTracks: linkTracks! }),
  ({ plan, index, settings }) => ({ range: chunkRange(plan, index), ...lipReading(settings) }),
);

export const scoreLipsStep = defineStep(
  scoreLipsMethod,
  ({ linkTracks, readLips }) => ({ linkTracks: linkTracks!, readLips: readLips! }),
  ({ settings: { asd } }) => ({ asd }),
);

export const embedFacesStep = defineFrameStep(
  embedFacesMethod,
  ({ linkTracks }) => ({ linkTracks: linkTracks! }),
  ({ plan, index, settings: { faceModel } }): EmbedFacesSpec => ({
    range: chunkRange(plan, index),
    model: faceModel === 'vggface2' ? 'vggface-resnet50' : 'faceres',
  }),
);

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

/**
 * The weights that listen. Two passes over long pieces tell more than the six passes of 1 to 6 s of the published
 * procedure, at a third of the cost: a piece knows little near its ends.
 */
const LR_ASD_PARAMS: RunLrAsdParams = { model: 'lr-asd-ava', durationsSec: [6, 10] };

function lipReading({ asd }: DiarizeSettings): LipReading {
  return asd === 'lr-asd' ? { asd, lrAsd: LR_ASD_PARAMS } : { asd };
}
