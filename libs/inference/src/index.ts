export { createModelPool } from './model-pool.js';
export type { ModelPoolOptions } from './model-pool.js';
