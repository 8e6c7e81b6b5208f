import { mismatchedCheckpoint, namingFile, quoted } from './errors.js';
import { openCheckpoint } from './open-checkpoint.js';
import type { Checkpoint } from './open-checkpoint.js';
import { findStateDict } from './state-dict.js';

/** Trained numbers of a network by name. */
export interface Weights {
  /**
   * @param name as in the state dict of the network
   * @param shape the one the network needs
   * @returns values, row-major, in a new array: the caller's own
   * @throws AvdError CHECKPOINT_MISMATCH when there is no such tensor or it has another shape or type
   */
  read(name: string, shape: readonly number[]): Promise<Float32Array<ArrayBuffer>>;
}

/**
 * Opens a checkpoint of torch.save as weights of a network. Tensors are read from the file when they are asked for.
 * Must be disposed. @throws AvdError as openCheckpoint, and CHECKPOINT_MISMATCH
 */
export async function openWeights(filePath: string): Promise<Weights & AsyncDisposable> {
  const checkpoint = await openCheckpoint(filePath);
  try {
    const weights = weightsOf(checkpoint);
    return {
      read: (name, shape) =>
        weights.read(name, shape).catch((error: unknown) => {
          throw namingFile(error, filePath);
        }),
      [Symbol.asyncDispose]: () => checkpoint[Symbol.asyncDispose](),
    };
  } catch (error) {
    await checkpoint[Symbol.asyncDispose]();
    throw namingFile(error, filePath);
  }
}

/** Weights of an open checkpoint. 16-bit and 64-bit floats are turned into 32-bit ones. */
export function weightsOf(checkpoint: Checkpoint): Weights {
  const tensors = findStateDict(checkpoint.root);
  return {
    read: async (name, shape) => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw mismatchedCheckpoint(`it has no tensor ${quoted(name)}`);
      if (tensor.shape.join() !== shape.join()) {
        const found = `[${tensor.shape.join(', ')}], not [${shape.join(', ')}]`;
        throw mismatchedCheckpoint(`its tensor ${quoted(name)} has the shape ${found}`);
      }
      const data = await checkpoint.read(tensor);
      if (data instanceof Float32Array) return data;
      if (data instanceof Float64Array) return Float32Array.from(data);
      const { dtype } = tensor.storage;
      throw mismatchedCheckpoint(`its tensor ${quoted(name)} is of type ${dtype}, not a float`);
    },
  };
}
