export * from './plan.js';
export * from './result-key.js';
export * from './run-in-process.js';
export * from './settings.js';
