export * from './time.js';
export * from './errors.js';
export * from './face.js';
export * from './diarization.js';
