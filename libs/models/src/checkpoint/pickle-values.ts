/** What a pickle of a checkpoint can hold. Python's int and float are both numbers here. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleList
  | PickleDict
  | PickleTuple
  | PickleGlobal
  | CheckpointStorage
  | CheckpointTensor;

export type PickleList = PickleValue[];

/** dict or OrderedDict, in order of insertion. */
export type PickleDict = Map<PickleValue, PickleValue>;

export interface PickleTuple {
  readonly kind: 'tuple';
  readonly items: readonly PickleValue[];
}

/** A name that a pickle imports: one of the few which are allowed, never code. */
export interface PickleGlobal {
  readonly kind: 'global';
  /** Such as `torch._utils._rebuild_tensor_v2`. */
  readonly name: string;
}

/** Element types; the names are those of torch. */
export type DType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool';

export const BYTES_PER_ELEMENT: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
};

/** A block of numbers in the file; several tensors may show parts of it. */
export interface CheckpointStorage {
  readonly kind: 'storage';
  readonly key: string;
  readonly dtype: DType;
  readonly elementCount: number;
}

/** A view of a storage; its values stay in the file until they are read. */
export interface CheckpointTensor {
  readonly kind: 'tensor';
  readonly storage: CheckpointStorage;
  readonly shape: readonly number[];
  /** In elements, one for each axis, never negative. */
  readonly strides: readonly number[];
  /** Of the first element, in elements of the storage. */
  readonly offsetElements: number;
  /** It was a `torch.nn.Parameter`. */
  readonly isParameter: boolean;
}

export function isTensor(value: PickleValue | undefined): value is CheckpointTensor {
  return hasKind(value) && value.kind === 'tensor';
}

export function isTuple(value: PickleValue | undefined): value is PickleTuple {
  return hasKind(value) && value.kind === 'tuple';
}

export function isStorage(value: PickleValue | undefined): value is CheckpointStorage {
  return hasKind(value) && value.kind === 'storage';
}

export function isGlobal(value: PickleValue | undefined): value is PickleGlobal {
  return hasKind(value) && value.kind === 'global';
}

function hasKind(
  value: PickleValue | undefined,
): value is PickleTuple | PickleGlobal | CheckpointStorage | CheckpointTensor {
  return typeof value === 'object' && value !== null && 'kind' in value;
}
