export * from './mfcc-windows.js';
export * from './sync-confidence.js';
export * from './sync-distance.js';
export { openSyncScorer, scoreTracks } from './sync/score-tracks.js';
export type { ScoreTracksInput, ScoreTracksOutput, SyncPiece } from './sync/score-tracks.js';
export { combineSync } from './sync/combine-sync.js';
export type { CombineSyncInput } from './sync/combine-sync.js';
export type { FloatRows } from './float-rows.js';
export { openLrAsd, runLrAsd } from './lr-asd/run-lr-asd.js';
export type {
  AsdPiece,
  RunLrAsdInput,
  RunLrAsdOutput,
  RunLrAsdParams,
} from './lr-asd/run-lr-asd.js';
export { combineLrAsd } from './lr-asd/combine-lr-asd.js';
export type { CombineLrAsdInput } from './lr-asd/combine-lr-asd.js';
export { ASD_PIECE_DURATIONS_SEC } from './lr-asd/score-pieces.js';
export { createLipReader, measureLips } from './lips/measure-lips.js';
export type { LipSeries, MeasureLipsInput, MeasureLipsOutput } from './lips/measure-lips.js';
export { scoreLips } from './lips/score-lips.js';
export type { LipScores, ScoreLipsInput, ScoreLipsOutput } from './lips/score-lips.js';
export * from './methods.js';
