export { startOrchestrator, type RunningOrchestrator } from './start.js';
