export * from './plan.js';
export * from './result-key.js';
export * from './run-in-process.js';
export * from './settings.js';
export { checkParts, type StepResults } from './steps.js';
export { runVideoJob, type StepEvent, type VideoJob } from './video-job.js';
