export { contentDigest } from './content-digest.js';
export { findFfmpeg, type FfmpegTools, installHint } from './ffmpeg-tools.js';
export {
  type MediaFile,
  openMedia,
  type OpenMediaOptions,
  type OpenProgress,
} from './open-media.js';
export { type MediaProbe, probeMedia, type ProbedAudio, type ProbedVideo } from './probe.js';
export type { Rational } from './rational.js';
export type { FrameOptions } from './video-frames.js';
export { wavHeader } from './wav-format.js';
export { WavReader } from './wav-reader.js';
export {
  type DrawPicture,
  type PictureFormat,
  writeVideo,
  type WriteVideoOptions,
  type YuvPicture,
} from './write-video.js';
export { derivedFilesOf, isDerivedFileName } from './derived-files.js';
export { isThere } from './work-files.js';
