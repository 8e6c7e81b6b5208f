export { createModelPool } from './model-pool.js';
export type { ModelPoolOptions } from './model-pool.js';
export { PROVIDER_NAMES, resolveProviders } from './providers.js';
export type { ProviderName } from './providers.js';
