export { Artifacts, toArtifactList, toArtifactRef } from './artifacts.js';
export {
  hostStage,
  serverTls,
  SERVICE_VERSION,
  startStage,
  type HostedStage,
} from './host-stage.js';
export { mediaFetcher } from './media/fetch-media.js';
export { openMediaRef, type FetchMedia, type MediaNeed } from './media/open-media-ref.js';
export { openPlatform, type Platform } from './platform.js';
export { runService, type RunningService } from './run-service.js';
export {
  defineStageCall,
  recordingFacts,
  type RecordingFacts,
  type StageCall,
  type StageRequest,
} from './stage-call.js';
export {
  startTaskWorker,
  type TaskHandler,
  type TaskOutcome,
  type TaskWorkerOptions,
} from './task-worker.js';
