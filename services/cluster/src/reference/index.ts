export { diarizeReference } from './diarize-reference.js';
export { diarizeReferenceStage } from './diarize-reference-stage.js';
export type {
  ReferenceStageInput,
  ReferenceStageOutput,
  ReferenceStageTrack,
} from './diarize-reference-stage.js';
export { referenceRecordingName, referenceRttm, referenceViaProject } from './reference-files.js';
export {
  alignedSyncConfidence,
  paddedSyncConfidence,
  SYNC_SHIFT_COUNT,
} from './sync-confidence.js';
export { referenceToDiarization } from './to-diarization.js';
export {
  REFERENCE_DEFAULTS,
  UNKNOWN_SPEAKER,
  type LipSync,
  type ReferenceEntry,
  type ReferenceInput,
  type ReferenceParams,
  type ReferenceResult,
  type ReferenceSpeaker,
  type ReferenceTrack,
} from './types.js';
