export * from './content-scorer.js';
export * from './detect-faces.js';
export * from './face-detector.js';
export * from './find-shots.js';
export * from './link-tracks.js';
export * from './smooth-track.js';
export * from './track-shot.js';
export { createBlazeFaceDetector } from './blazeface/blazeface-detector.js';
