export { createModelPool } from './model-pool.js';
export type { LocalModelPool, ModelPoolOptions } from './model-pool.js';
export { PROVIDER_NAMES, resolveProviders } from './providers.js';
export type { ProviderName } from './providers.js';
export { int8Models } from './int8-models.js';
