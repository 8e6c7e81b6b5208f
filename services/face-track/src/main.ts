import { stageV1 } from '@avd/contracts';
import { hostStage } from '@avd/stage-host';
import { detectFacesCall, linkTracksCall } from './host/calls.js';

await hostStage({
  stage: 'face-track',
  service: stageV1.FaceTrackServiceService,
  serviceName: 'avdiarization.stage.v1.FaceTrackService',
  calls: { detectFaces: detectFacesCall, linkTracks: linkTracksCall },
  warmModels: ['blazeface'],
});
