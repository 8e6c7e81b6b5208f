export { diarizeAdaptive, diarizeAdaptiveStage } from './diarize-adaptive.js';
export type {
  AdaptiveInput,
  AdaptiveParams,
  AdaptiveResult,
  FaceEvidence,
  VoiceFrames,
} from './types.js';
