import { stageV1 } from '@avd/contracts';
import { hostStage } from '@avd/stage-host';
import { embedFacesCall, embedVoicesCall, embedVoiceWindowsCall } from './host/calls.js';

await hostStage({
  stage: 'embed',
  service: stageV1.EmbedServiceService,
  serviceName: 'avdiarization.stage.v1.EmbedService',
  calls: {
    embedFaces: embedFacesCall,
    embedVoices: embedVoicesCall,
    embedVoiceWindows: embedVoiceWindowsCall,
  },
  warmModels: ['faceres'],
});
