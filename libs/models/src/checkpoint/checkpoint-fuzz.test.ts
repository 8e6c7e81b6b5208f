import { AvdError } from '@avd/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PickleWriter, legacyCheckpoint, zipCheckpoint } from '../testing/index.js';
import type { WritableTensor } from '../testing/index.js';
import { bytesSource } from './byte-source.js';
import { readCheckpoint } from './open-checkpoint.js';
import { findStateDict } from './state-dict.js';

const tensors: readonly WritableTensor[] = [
  {
    name: 'layer.weight',
    shape: [2, 3, 4],
    dtype: 'float32',
    values: () => Float32Array.from({ length: 24 }, (_, i) => i / 3),
  },
  { name: 'layer.steps', shape: [], dtype: 'int64', values: () => BigInt64Array.of(7n) },
  { name: 'module.bias', shape: [0], dtype: 'float32', values: () => new Float32Array(0) },
];
const files = {
  zip: Buffer.concat([...zipCheckpoint(tensors)]),
  legacy: Buffer.concat([...legacyCheckpoint(tensors)]),
};

/** Reads everything there is; counts the bytes asked for. Errors other than AvdError of kind model get out. */
async function readAll(bytes: Uint8Array): Promise<{ result: unknown; bytesRead: number }> {
  let bytesRead = 0;
  const memory = bytesSource(bytes);
  const source = {
    sizeBytes: memory.sizeBytes,
    read: (offsetBytes: number, lengthBytes: number) => {
      bytesRead += Math.min(lengthBytes, memory.sizeBytes);
      return memory.read(offsetBytes, lengthBytes);
    },
  };
  try {
    const checkpoint = await readCheckpoint(source);
    const result = new Map<string, unknown>();
    for (const [name, tensor] of findStateDict(checkpoint.root)) {
      result.set(name, { shape: tensor.shape, data: await checkpoint.read(tensor) });
    }
    return { result, bytesRead };
  } catch (error) {
    if (!(error instanceof AvdError) || error.kind !== 'model') throw error;
    return { result: error, bytesRead };
  }
}

describe.each(Object.entries(files))('reading a %s checkpoint', (format, file) => {
  it('gives back what was written', async () => {
    const { result } = await readAll(file);
    expect(result).toEqual(
      new Map([
        ['layer.weight', { shape: [2, 3, 4], data: tensors[0]!.values() }],
        ['layer.steps', { shape: [], data: BigInt64Array.of(7n) }],
        ['bias', { shape: [0], data: new Float32Array(0) }],
      ]),
    );
  });

  it('never fails in another way than with a clear error when bytes are changed', async () => {
    const change = fc.record({
      at: fc.nat({ max: file.length - 1 }),
      value: fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 0x28, 0x52, 0x7f, 0xff)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Uint8Array.from(file);
        for (const { at, value } of changes) bytes[at] = value;
        const { bytesRead } = await readAll(bytes);
        expect(bytesRead).toBeLessThan(20 * file.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses the file whatever bit of its description is missing at the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: file.length - 1 }), async (lengthBytes) => {
        const { result } = await readAll(file.subarray(0, lengthBytes));
        expect(result, `first ${lengthBytes} bytes of ${format}`).toBeInstanceOf(AvdError);
      }),
      { numRuns: 500 },
    );
  });

  it('survives a piece of the file put somewhere else', async () => {
    const position = fc.nat({ max: file.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, position, fc.nat({ max: 64 }), async (from, to, lengthBytes) => {
        const bytes = Uint8Array.from(file);
        bytes.copyWithin(to, from, from + lengthBytes);
        await readAll(bytes);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('reading a legacy checkpoint', () => {
  it('refuses a list of storages that names one twice or leaves one out', async () => {
    const [magic, protocol, system, root, , ...storages] = legacyCheckpoint(tensors);
    const reason = async (keys: readonly string[]): Promise<unknown> => {
      const list = new PickleWriter().raw(0x5d, 0x28);
      for (const key of keys) list.text(key);
      const parts = [magic!, protocol!, system!, root!, list.raw(0x65).finish(), ...storages];
      return (await readAll(Buffer.concat(parts))).result;
    };
    expect(await reason(['0', '1', '2'])).toBeInstanceOf(Map);
    expect(await reason(['0', '0', '1', '2'])).toMatchObject({
      message: 'The checkpoint cannot be read: it lists the storage "0" twice.',
    });
    expect(await reason(['0', '1'])).toMatchObject({
      message: 'The checkpoint cannot be read: the storage "2" is absent.',
    });
    expect(await reason(['0', '1', '2', '3'])).toMatchObject({
      message: 'The checkpoint cannot be read: nothing uses the storage "3".',
    });
    expect(await reason(['1', '0', '2'])).toMatchObject({
      message: 'The checkpoint cannot be read: the storage "1" has another length than stated.',
    });
  });
});

describe('reading anything', () => {
  it('refuses random bytes, also behind the start of a checkpoint', async () => {
    const starts = [new Uint8Array(0), files.zip.subarray(0, 4), files.legacy.subarray(0, 15)];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...starts),
        fc.uint8Array({ maxLength: 400 }),
        async (a, b) => {
          expect((await readAll(Buffer.concat([a, b]))).result).toBeInstanceOf(AvdError);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
