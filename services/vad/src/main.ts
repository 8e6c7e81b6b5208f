import { stageV1 } from '@avd/contracts';
import { hostStage } from '@avd/stage-host';
import { detectSpeechCall, detectTrackSpeechCall } from './host/calls.js';

await hostStage({
  stage: 'vad',
  service: stageV1.VadServiceService,
  serviceName: 'avdiarization.stage.v1.VadService',
  calls: { detectSpeech: detectSpeechCall, detectTrackSpeech: detectTrackSpeechCall },
  warmModels: ['silero-vad'],
});
