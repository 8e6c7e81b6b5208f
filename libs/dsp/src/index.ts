export * from './fft.js';
export * from './log-mel.js';
export * from './median-filter.js';
export * from './mel.js';
export * from './mfcc.js';
