import type { CheckpointStorage, PickleValue } from './pickle-values.js';

/** What a checkpoint file says of itself, without the numbers. */
export interface CheckpointLayout {
  /** The object that was saved. */
  readonly root: PickleValue;
  /** @returns where the elements of the storage start in the file */
  storageOffset(storage: CheckpointStorage): Promise<number>;
}

/** A pickle holds names and shapes only: some hundred bytes a tensor. */
export const MAX_PICKLE_BYTES = 32 * 2 ** 20;
