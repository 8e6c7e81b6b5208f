export { reportData, type ReportInput } from './report-data.js';
export { reportHtml } from './report-html.js';
export type { TrackSpeaking } from './face-path.js';
export type {
  DiarizationDocument,
  DocumentTrack,
  ReportData,
  ReportMedia,
} from './page/report-data.js';
