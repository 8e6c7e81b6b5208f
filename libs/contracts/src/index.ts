/** Package `avdiarization.v1`: what users call. */
export * as diarizationV1 from './diarization-v1.js';
/** Package `avdiarization.stage.v1`: what the parts of the system call. */
export * as stageV1 from './stage-v1.js';
/** Package `google.rpc`: errors. */
export * as googleRpc from './google-rpc.js';
/** Package `google.protobuf`. */
export * as googleProtobuf from './google-protobuf.js';
export { descriptorImage } from './descriptor-image.js';
export { durationToSec, secToDuration } from './duration.js';
export {
  choicesToConfig,
  configToChoices,
  type ConfigChoices,
  type ConfigVocabulary,
} from './config-mapping.js';
export { documentToDiarization, type DiarizationDocument } from './document-mapping.js';
export { ERROR_DOMAIN, type ErrorReasonName } from './error-reasons.js';
export type { MessageCodec } from './message-codec.js';
