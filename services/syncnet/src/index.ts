export * from './mfcc-windows.js';
export * from './sync-confidence.js';
export * from './sync-distance.js';
export { createLipReader, measureLips } from './lips/measure-lips.js';
export type { LipSeries, MeasureLipsInput, MeasureLipsOutput } from './lips/measure-lips.js';
export { scoreLips } from './lips/score-lips.js';
export type { LipScores, ScoreLipsInput, ScoreLipsOutput } from './lips/score-lips.js';
