import { readFileSync } from 'node:fs';
import { AvdError } from '@avd/domain';
import { GoldenCase, hasShared } from '@avd/testing';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from './open-checkpoint.js';
import type { Checkpoint } from './open-checkpoint.js';
import { isTensor, isTuple } from './pickle-values.js';
import type { PickleValue } from './pickle-values.js';

interface FileCase {
  readonly file: string;
  readonly must: 'load' | 'reject' | 'load_or_reject';
  readonly expected?: string;
}

/** The object in the encoding of the expected files. */
async function encodeValue(checkpoint: Checkpoint, value: PickleValue): Promise<unknown> {
  const encodeAll = (items: Iterable<PickleValue>): Promise<unknown[]> =>
    Promise.all(Array.from(items, (item) => encodeValue(checkpoint, item)));
  if (isTensor(value)) {
    const { shape, storage, isParameter } = value;
    const values = Array.from(await checkpoint.read(value), encodeNumber);
    const tensor = { dtype: storage.dtype, shape, values_c_order: values };
    return isParameter ? { $tensor: tensor, parameter: true } : { $tensor: tensor };
  }
  if (isTuple(value)) return { $tuple: await encodeAll(value.items) };
  if (Array.isArray(value)) return { $list: await encodeAll(value) };
  if (value instanceof Map) {
    return { $dict: await Promise.all(Array.from(value, (entry) => encodeAll(entry))) };
  }
  return typeof value === 'bigint' ? { $bigint: value.toString() } : value;
}

function encodeNumber(value: number | bigint): number | string {
  return Number.isFinite(Number(value)) ? Number(value) : String(value);
}

const golden = hasShared ? new GoldenCase('checkpoints') : undefined;
const cases = golden?.values<{ cases: FileCase[] }>().cases ?? [];
const filesWhich = (must: FileCase['must']): FileCase[] => cases.filter((c) => c.must === must);

describe.skipIf(!hasShared)('checkpoints written by torch', () => {
  it.each(filesWhich('load'))('$file gives the stored values', async ({ file, expected }) => {
    await using checkpoint = await openCheckpoint(golden!.file(file));
    const wanted = JSON.parse(readFileSync(golden!.file(expected!), 'utf8')) as unknown;
    expect(await encodeValue(checkpoint, checkpoint.root)).toEqual(wanted);
  });

  it.each([
    ['evil_os_system.zip.pt', 'CHECKPOINT_UNSAFE', '"posix.system"'],
    ['evil_os_system.legacy.pt', 'CHECKPOINT_UNSAFE', '"posix.system"'],
    ['evil_eval.zip.pt', 'CHECKPOINT_UNSAFE', '"__builtin__.eval"'],
    ['evil_eval.legacy.pt', 'CHECKPOINT_UNSAFE', '"__builtin__.eval"'],
    ['evil_print_in_list.zip.pt', 'CHECKPOINT_UNSAFE', '"__builtin__.print"'],
    ['evil_print_in_list.legacy.pt', 'CHECKPOINT_UNSAFE', '"__builtin__.print"'],
    ['whole_module.zip.pt', 'CHECKPOINT_UNSAFE', '"my_project.models.Custom"'],
    ['whole_module.legacy.pt', 'CHECKPOINT_UNSAFE', '"my_project.models.Custom"'],
    ['numpy_scalar.zip.pt', 'CHECKPOINT_UNSAFE', '"numpy.core.multiarray.scalar"'],
    ['numpy_scalar.legacy.pt', 'CHECKPOINT_UNSAFE', '"numpy.core.multiarray.scalar"'],
    ['truncated.zip.pt', 'CHECKPOINT_DAMAGED', 'it ends early'],
    ['truncated.legacy.pt', 'CHECKPOINT_DAMAGED', 'it ends early'],
    ['not_a_checkpoint.pt', 'CHECKPOINT_DAMAGED', 'it is not a file of torch.save'],
    ['empty.pt', 'CHECKPOINT_DAMAGED', 'it is empty'],
    ['short_storage.zip.pt', 'CHECKPOINT_DAMAGED', 'the storage "0" is too short'],
    ['deflated.zip.pt', 'CHECKPOINT_UNSUPPORTED', 'a compressed zip file'],
  ])('%s is refused', async (file, reason, saying) => {
    const error: unknown = await openCheckpoint(golden!.file(file)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(AvdError);
    expect(error).toMatchObject({ kind: 'model', reason });
    expect((error as AvdError).message).toContain(saying);
  });

  it('has a refusal for every file that must be refused', () => {
    expect(filesWhich('reject')).toHaveLength(15);
    expect(filesWhich('load_or_reject').map(({ file }) => file)).toEqual(['deflated.zip.pt']);
  });
});
