export type { FloatRows } from './float-rows.js';
export { loadFaceDescriber } from './faces/describe-face.js';
export type { DescribeFace, FaceModelName } from './faces/describe-face.js';
export { createFaceEmbedder, embedFaces } from './faces/embed-faces.js';
export type {
  EmbedFacesInput,
  EmbedFacesOutput,
  EmbedFacesParams,
  FaceDescriptors,
} from './faces/embed-faces.js';
export * from './voice-windows/embed-voice-windows.js';
export {
  embedVoices,
  type EmbedVoicesInput,
  type EmbedVoicesParams,
} from './voices/embed-voices.js';
export { VOICE_HALO_SAMPLES, voiceFeatures, voiceFrameCount } from './voices/voice-features.js';
export {
  VOICE_COLUMNS,
  VOICE_HOP_SAMPLES,
  type VoiceColumn,
  type VoiceFrames,
} from './voices/voice-frames.js';
export * from './methods.js';
