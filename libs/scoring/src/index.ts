export { diarizationErrorRate, type ErrorRateOptions, type ErrorRates } from './error-rate.js';
export type { ScoredTime, SpeakerTurn } from './regions.js';
export type { ClusteringScores } from './clustering.js';
export type { SpeakerCountScores } from './speaker-count.js';
export {
  scoreRecordings,
  type FileScores,
  type OverallScores,
  type ScoreOptions,
  type ScoreResult,
  type Scores,
} from './score.js';
export { formatScoreTable } from './score-table.js';
export { errorSpans, type ErrorSpan, type ErrorSpanKind } from './error-spans.js';
export { formatScoreHtml, type ScoreHtmlOptions } from './score-html.js';
