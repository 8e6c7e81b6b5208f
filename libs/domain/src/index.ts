export * from './time.js';
export * from './errors.js';
export * from './face.js';
export * from './diarization.js';
export {
  diarizationToRttmTurns,
  formatRttm,
  parseRttm,
  type FormatRttmOptions,
  type ParseRttmOptions,
  type RttmTurn,
} from './rttm.js';
export { formatUem, parseUem, type UemRegion } from './uem.js';
export * from './formats/index.js';
export { escapeMarkup, unescapeMarkup } from './formats/markup.js';
export { recordingName } from './recording-name.js';
export {
  diarizationToVia,
  formatViaProject,
  VIA_EMPTY_PROJECT,
  type ViaAttribute,
  type ViaFile,
  type ViaMetadata,
  type ViaProject,
} from './via.js';
export * from './recording-type.js';
