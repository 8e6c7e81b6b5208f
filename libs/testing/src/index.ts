export * from './golden.js';
export * from './run-tool.js';
