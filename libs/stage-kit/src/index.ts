export * from './media.js';
export * from './model.js';
export * from './stage.js';
export * from './result-store.js';
export * from './consume-frames.js';
export * from './blob-store.js';
export * from './method.js';
export * from './result-key.js';
