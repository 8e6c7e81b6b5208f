export * from './mfcc-windows.js';
export * from './sync-confidence.js';
export * from './sync-distance.js';
