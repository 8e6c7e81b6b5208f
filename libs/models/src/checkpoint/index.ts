export { openCheckpoint, readCheckpoint } from './open-checkpoint.js';
export type { Checkpoint } from './open-checkpoint.js';
export { bytesSource, openFileSource } from './byte-source.js';
export type { ByteSource } from './byte-source.js';
export type {
  CheckpointStorage,
  CheckpointTensor,
  DType,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleTuple,
  PickleValue,
} from './pickle-values.js';
export type { TensorData } from './tensor-data.js';
export { findStateDict } from './state-dict.js';
export { openWeights, weightsOf } from './weights.js';
export type { Weights } from './weights.js';
