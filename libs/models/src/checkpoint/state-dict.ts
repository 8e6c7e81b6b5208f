import { mismatchedCheckpoint, quoted } from './errors.js';
import { isTensor } from './pickle-values.js';
import type { CheckpointTensor, PickleDict, PickleValue } from './pickle-values.js';

/** Entries that hold the tensors of a training checkpoint, in order of preference. */
const WRAPPERS = ['state_dict', 'model_state_dict', 'model', 'net', 'network', 'weights'];
const MAX_DEPTH = 4;

/** Put in front of names by torch.nn.DataParallel and by the wrapper class of voxceleb_trainer. */
const PREFIXES = ['module.', '__S__.'];

/**
 * Finds the named tensors of a checkpoint: in the saved object itself or in one of the usual entries of it, names
 * without the usual prefixes.
 * @throws AvdError CHECKPOINT_MISMATCH when there are none, or two of one name
 */
export function findStateDict(root: PickleValue): Map<string, CheckpointTensor> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [key, value] of findDictOfTensors(root, MAX_DEPTH) ?? []) {
    if (typeof key !== 'string' || !isTensor(value)) continue;
    const name = withoutPrefixes(key);
    if (tensors.has(name)) throw mismatchedCheckpoint(`it has two tensors named ${quoted(name)}`);
    tensors.set(name, value);
  }
  if (tensors.size === 0) throw mismatchedCheckpoint('it has no tensors with names');
  return tensors;
}

function findDictOfTensors(value: PickleValue | undefined, depth: number): PickleDict | undefined {
  if (!(value instanceof Map) || depth === 0) return undefined;
  for (const entry of value.values()) if (isTensor(entry)) return value;
  for (const wrapper of WRAPPERS) {
    const found = findDictOfTensors(value.get(wrapper), depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function withoutPrefixes(key: string): string {
  let name = key;
  for (const prefix of PREFIXES) if (name.startsWith(prefix)) name = name.slice(prefix.length);
  return name;
}
