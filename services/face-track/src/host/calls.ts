import type { stageV1 } from '@avd/contracts';
import { AvdError, type FrameRange } from '@avd/domain';
import { defineStageCall, type RecordingFacts } from '@avd/stage-host';
import type { DetectFacesOutput } from '../detect-faces.js';
import type { LinkTracksOutput, LinkTracksParams } from '../link-tracks.js';
import { detectFacesMethod, linkTracksMethod, type DetectFacesSpec } from '../methods.js';

/** More are only in the artifact. */
const MAX_LISTED = 500;

export const detectFacesCall = defineStageCall({
  method: detectFacesMethod,
  need: () => 'pictures',
  toSpec(request: stageV1.DetectFacesRequest, { video }: RecordingFacts): DetectFacesSpec {
    const frameCount = request.frameCount || (video?.frameCount ?? 0);
    const { startFrame, endFrame } = request.frameRange ?? { startFrame: 0, endFrame: frameCount };
    return {
      range: { startFrame, endFrame },
      frameCount,
      // The stage refuses names that it does not know.
      detector: (request.detector || 'blazeface') as DetectFacesSpec['detector'],
      detectEvery: request.detectEvery || 1,
    };
  },
  summarize: ({ detections }: DetectFacesOutput) => ({
    frameCount: detections.length,
    faceCount: detections.reduce((sum, faces) => sum + (faces?.length ?? 0), 0),
  }),
});

export const linkTracksCall = defineStageCall({
  method: linkTracksMethod,
  required: () => ['detectFaces'],
  need: () => 'none',
  toSpec: ({ frameCount, params }: stageV1.LinkTracksRequest) => ({
    frameCount,
    params: toParams(params),
  }),
  summarize: ({ shots, tracks }: LinkTracksOutput) => ({
    shots: shots.slice(0, MAX_LISTED).map(toRange),
    tracks: tracks.slice(0, MAX_LISTED).map((track) => ({
      trackIndex: track.trackIndex,
      frameRange: toRange(track),
    })),
    trackCount: tracks.length,
  }),
});

function toParams(params: stageV1.LinkTracksParams | undefined): LinkTracksParams {
  if (params?.smoothing === undefined) {
    throw new AvdError(
      'invalidInput',
      'FIELD_MISSING',
      'The fields params and params.smoothing are required.',
      { details: { field: 'params' } },
    );
  }
  return params as LinkTracksParams;
}

function toRange({ startFrame, endFrame }: FrameRange): FrameRange {
  return { startFrame, endFrame };
}
