export * from './detect-speech.js';
export * from './params.js';
export * from './segment-collector.js';
export * from './silero-probabilities.js';
export * from './silero-segments.js';
export * from './webrtc-vad.js';
export * from './methods.js';
