export { reportData, type ReportInput } from './report-data.js';
export { reportHtml } from './report-html.js';
export { createAnnotator, type AnnotatedFormat, type AnnotatorInput } from './video/annotator.js';
export type { YuvPicture } from './video/yuv-drawing.js';
export type { TrackSpeaking } from './face-path.js';
export type {
  DiarizationDocument,
  DocumentTrack,
  ReportData,
  ReportMedia,
} from './page/report-data.js';
