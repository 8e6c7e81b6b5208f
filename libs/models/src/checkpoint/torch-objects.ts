import { damagedCheckpoint, quoted, unsafeCheckpoint, unsupportedCheckpoint } from './errors.js';
import { BYTES_PER_ELEMENT, isGlobal, isStorage, isTensor, isTuple } from './pickle-values.js';
import type {
  CheckpointStorage,
  CheckpointTensor,
  DType,
  PickleTuple,
  PickleValue,
} from './pickle-values.js';
import type { PickleMeaning } from './read-pickle.js';

const STORAGE_DTYPES: ReadonlyMap<string, DType> = new Map([
  ['torch.FloatStorage', 'float32'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.LongStorage', 'int64'],
  ['torch.IntStorage', 'int32'],
  ['torch.ShortStorage', 'int16'],
  ['torch.CharStorage', 'int8'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
]);

type Call = (args: readonly PickleValue[], limits: TensorLimits) => PickleValue;

/** Every name that a checkpoint may call, with what it makes here. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['collections.OrderedDict', makeDict],
  ['torch.Size', ([sizes]) => ({ kind: 'tuple', items: integers(sizes, 'size') })],
  ['torch._utils._rebuild_tensor', makeTensor],
  ['torch._utils._rebuild_tensor_v2', makeTensor],
  ['torch._utils._rebuild_parameter', makeParameter],
]);

const MAX_AXES = 64;

export interface TensorLimits {
  /** Elements one tensor may have; a tensor can repeat the numbers of its storage. */
  readonly maxElements: number;
}

/**
 * The words of torch's checkpoints: dictionaries, storages, tensors and parameters. Everything else is refused
 * by name. Attributes set on dictionaries (torch keeps version numbers there) are left out.
 *
 * @param onStorage is told of every storage that the pickle refers to, as often as it does
 */
export function torchMeaning(
  limits: TensorLimits,
  onStorage: (storage: CheckpointStorage) => void,
): PickleMeaning {
  return {
    importName: (moduleName, name) => {
      const fullName = `${moduleName}.${name}`;
      if (!CALLS.has(fullName) && !STORAGE_DTYPES.has(fullName)) {
        throw unsafeCheckpoint(`it uses ${quoted(fullName)}`);
      }
      return { kind: 'global', name: fullName };
    },
    call: (callee, args) => {
      const call = isGlobal(callee) ? CALLS.get(callee.name) : undefined;
      if (call === undefined) throw unsafeCheckpoint('it calls something that is not a function');
      return call(args.items, limits);
    },
    persistent: (id) => {
      const storage = makeStorage(id);
      onStorage(storage);
      return storage;
    },
    setAttributes: (target) => {
      if (!(target instanceof Map)) throw unsafeCheckpoint('it sets attributes of an object');
    },
  };
}

function makeDict(args: readonly PickleValue[]): PickleValue {
  if (args.length > 0) throw unsupportedCheckpoint('a dictionary made from a list of pairs');
  return new Map();
}

/** ('storage', type, key, location, element count, view): the location (which device) does not matter. */
function makeStorage(id: PickleValue): CheckpointStorage {
  const [word, type, key, , elementCount, view] = isTuple(id) ? id.items : [];
  if (word !== 'storage') throw unsafeCheckpoint('it refers to something that is not a storage');
  if (view !== undefined && view !== null) throw unsupportedCheckpoint('a view of a storage');
  const dtype = isGlobal(type) ? STORAGE_DTYPES.get(type.name) : undefined;
  if (dtype === undefined || typeof key !== 'string' || !isCount(elementCount)) {
    throw damagedCheckpoint('it describes a storage wrongly');
  }
  return { kind: 'storage', key, dtype, elementCount };
}

/** (storage, offset, size, strides, ...): gradients and hooks do not matter. */
function makeTensor(args: readonly PickleValue[], limits: TensorLimits): CheckpointTensor {
  const [storage, offsetElements, size, stride] = args;
  if (!isStorage(storage)) throw damagedCheckpoint('it has a tensor without a storage');
  if (!isCount(offsetElements)) throw damagedCheckpoint('it has a tensor with a wrong offset');
  const shape = integers(size, 'shape');
  const strides = integers(stride, 'stride');
  if (shape.length !== strides.length || shape.length > MAX_AXES) {
    throw damagedCheckpoint('it has a tensor with a wrong shape');
  }
  let elementCount = 1;
  let lastElement = offsetElements;
  shape.forEach((dim, axis) => {
    elementCount *= dim;
    lastElement += Math.max(0, dim - 1) * strides[axis]!;
  });
  if (elementCount > 0 && !(lastElement < storage.elementCount)) {
    throw damagedCheckpoint('it has a tensor that reaches outside of its storage');
  }
  // The product of a shape with a zero in it may have overflowed before, and is then NaN.
  if (!shape.includes(0) && !(elementCount <= limits.maxElements)) {
    throw damagedCheckpoint('it has a tensor with more elements than the file has bytes');
  }
  return { kind: 'tensor', storage, shape, strides, offsetElements, isParameter: false };
}

function makeParameter([data]: readonly PickleValue[]): CheckpointTensor {
  if (!isTensor(data)) throw damagedCheckpoint('it has a parameter without a tensor');
  return { ...data, isParameter: true };
}

/** Bytes of a storage in the file. */
export function storageBytes({ dtype, elementCount }: CheckpointStorage): number {
  return elementCount * BYTES_PER_ELEMENT[dtype];
}

function integers(value: PickleValue | undefined, what: string): number[] {
  const items: PickleTuple['items'] | undefined = isTuple(value) ? value.items : undefined;
  if (items === undefined || !items.every(isCount)) {
    throw damagedCheckpoint(`it has a tensor with a wrong ${what}`);
  }
  return [...items];
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
