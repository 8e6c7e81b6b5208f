import { noModels, type StageMethod } from '@avd/stage-kit';
import { createBlazeFaceDetector } from './blazeface/blazeface-detector.js';
import {
  createDetectFaces,
  type DetectFacesInput,
  type DetectFacesOutput,
  type DetectFacesParams,
} from './detect-faces.js';
import { linkTracks, type LinkTracksOutput, type LinkTracksParams } from './link-tracks.js';
import { createS3fdDetector } from './s3fd/s3fd-detector.js';
import { createYunetDetector } from './yunet/yunet-detector.js';

/** Detectors and their networks have the same names. */
const detectors = {
  blazeface: createBlazeFaceDetector,
  yunet: createYunetDetector,
  s3fd: createS3fdDetector,
};

const detectFaces = createDetectFaces(detectors);

export interface DetectFacesSpec extends DetectFacesInput, DetectFacesParams {
  readonly detector: keyof typeof detectors;
}

export const detectFacesMethod: StageMethod<
  DetectFacesSpec,
  Record<string, never>,
  DetectFacesOutput
> = {
  stage: 'face-track',
  name: detectFaces.name,
  version: detectFaces.version,
  models: ({ detector }) => [detector],
  run: ({ range, frameCount, ...params }, _inputs, ctx) =>
    detectFaces.run({ range, frameCount }, params, ctx),
};

export interface LinkTracksSpec {
  readonly frameCount: number;
  readonly params: LinkTracksParams;
}

export interface LinkTracksInputs {
  readonly detectFaces: readonly DetectFacesOutput[];
}

export const linkTracksMethod: StageMethod<LinkTracksSpec, LinkTracksInputs, LinkTracksOutput> = {
  stage: 'face-track',
  name: linkTracks.name,
  version: linkTracks.version,
  models: noModels,
  run: ({ frameCount, params }, { detectFaces: chunks }, ctx) =>
    linkTracks.run(
      {
        frameCount,
        detections: chunks.flatMap((chunk) => chunk.detections),
        contentScores: chunks.flatMap((chunk) => chunk.contentScores),
      },
      params,
      ctx,
    ),
};
