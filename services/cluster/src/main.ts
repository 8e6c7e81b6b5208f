import { stageV1 } from '@avd/contracts';
import { hostStage } from '@avd/stage-host';
import { diarizeCall } from './host/calls.js';

await hostStage({
  stage: 'cluster',
  service: stageV1.ClusterServiceService,
  serviceName: 'avdiarization.stage.v1.ClusterService',
  calls: { diarize: diarizeCall },
  warmModels: [],
});
