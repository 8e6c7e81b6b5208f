import { openFileSource } from './byte-source.js';
import type { ByteSource } from './byte-source.js';
import { damagedCheckpoint, namingFile } from './errors.js';
import { isLegacyCheckpoint, readLegacyLayout } from './legacy-layout.js';
import type { CheckpointTensor, PickleValue } from './pickle-values.js';
import { readTensorData } from './tensor-data.js';
import type { TensorData } from './tensor-data.js';
import { readZipLayout } from './zip-layout.js';

/** A checkpoint whose description was read; the numbers of its tensors are still in the file. */
export interface Checkpoint {
  /** The object that was saved: numbers, text, lists, dictionaries and tensors. */
  readonly root: PickleValue;
  /** Reads the values of one tensor: row-major, a new array, the caller's own. */
  read(tensor: CheckpointTensor): Promise<TensorData>;
}

const ZIP_START = [0x50, 0x4b, 0x03, 0x04];

/**
 * Opens a checkpoint that torch.save wrote, zip or legacy format, without Python and without running anything:
 * a file that holds other things than tensors and plain data is refused. Must be disposed.
 *
 * @throws AvdError kind `model`: CHECKPOINT_UNSAFE (names what it wanted to use), CHECKPOINT_DAMAGED or
 *   CHECKPOINT_UNSUPPORTED; another kind when the file cannot be opened
 */
export async function openCheckpoint(filePath: string): Promise<Checkpoint & AsyncDisposable> {
  const source = await openFileSource(filePath);
  try {
    const checkpoint = await readCheckpoint(source);
    return {
      root: checkpoint.root,
      read: (tensor) =>
        checkpoint.read(tensor).catch((error: unknown) => {
          throw namingFile(error, filePath);
        }),
      [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
    };
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw namingFile(error, filePath);
  }
}

/** As openCheckpoint, for bytes that are at hand already. */
export async function readCheckpoint(source: ByteSource): Promise<Checkpoint> {
  if (source.sizeBytes === 0) throw damagedCheckpoint('it is empty');
  const start = await source.read(0, Math.min(source.sizeBytes, 16));
  const layout = await readLayout(source, start);
  return {
    root: layout.root,
    read: async (tensor) =>
      readTensorData(source, tensor, await layout.storageOffset(tensor.storage)),
  };
}

function readLayout(source: ByteSource, start: Uint8Array): ReturnType<typeof readZipLayout> {
  if (ZIP_START.every((byte, i) => start[i] === byte)) return readZipLayout(source);
  if (isLegacyCheckpoint(start)) return readLegacyLayout(source);
  throw damagedCheckpoint('it is not a file of torch.save');
}
