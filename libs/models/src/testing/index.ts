export { madeUpWeights } from './made-up-weights.js';
export { fillMulberry32, fnv1a, generatedWeights } from './generated-weights.js';
export type { TensorRule } from './generated-weights.js';
export { PickleWriter } from './pickle-writer.js';
export { legacyCheckpoint, writeParts, zipCheckpoint } from './write-checkpoint.js';
export type { WritableTensor } from './write-checkpoint.js';
