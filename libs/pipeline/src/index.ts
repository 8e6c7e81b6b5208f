export * from './plan.js';
export * from './result-key.js';
export * from './run-in-process.js';
export * from './settings.js';
export { requiredModels } from './steps/step-table.js';
export type { DiarizeOutput, ReadFacesOutput, StepOutputs, StepResults } from './steps/step.js';
export { runVideoJob, type StepEvent, type VideoJob } from './video-job.js';
