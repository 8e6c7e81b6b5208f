export { BLAZEFACE_MODEL_NAME, createBlazeFaceDetector } from './blazeface-detector.js';
