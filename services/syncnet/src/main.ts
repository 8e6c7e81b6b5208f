import { stageV1 } from '@avd/contracts';
import { hostStage } from '@avd/stage-host';
import { readLipsCall, scoreLipsCall } from './host/calls.js';

await hostStage({
  stage: 'syncnet',
  service: stageV1.SyncNetServiceService,
  serviceName: 'avdiarization.stage.v1.SyncNetService',
  calls: { readLips: readLipsCall, scoreLips: scoreLipsCall },
  warmModels: ['facemesh'],
});
