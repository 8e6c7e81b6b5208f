import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legacyCheckpoint, writeParts, zipCheckpoint } from '../testing/index.js';
import type { WritableTensor } from '../testing/index.js';
import { openWeights } from './weights.js';
import { findStateDict } from './state-dict.js';
import type { CheckpointTensor, PickleValue } from './pickle-values.js';

function tensor(name: string): WritableTensor {
  return { name, shape: [2], dtype: 'float32', values: () => Float32Array.of(1, 2) };
}

const aTensor: CheckpointTensor = {
  kind: 'tensor',
  storage: { kind: 'storage', key: '0', dtype: 'float32', elementCount: 1 },
  shape: [],
  strides: [],
  offsetElements: 0,
  isParameter: false,
};
const dict = (...entries: [PickleValue, PickleValue][]): PickleValue => new Map(entries);

describe('openWeights', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'avd-weights-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  async function write(name: string, parts: Iterable<Uint8Array>): Promise<string> {
    const file = path.join(dir, name);
    await writeParts(file, parts);
    return file;
  }

  it.each([
    ['zip', zipCheckpoint],
    ['legacy', legacyCheckpoint],
  ])('reads tensors of a %s file by name', async (format, encode) => {
    const file = await write(`${format}.pt`, encode([tensor('module.a'), tensor('__S__.b')]));
    await using weights = await openWeights(file);
    expect(await weights.read('a', [2])).toEqual(Float32Array.of(1, 2));
    expect(await weights.read('b', [2])).toEqual(Float32Array.of(1, 2));
  });

  it('says which tensor is missing or has another shape or type', async () => {
    const steps: WritableTensor = {
      name: 'steps',
      shape: [],
      dtype: 'int64',
      values: () => BigInt64Array.of(1n),
    };
    const file = await write('mismatch.pt', zipCheckpoint([tensor('a'), steps]));
    await using weights = await openWeights(file);
    await expect(weights.read('b', [2])).rejects.toThrow(
      `The checkpoint ${file} does not fit the network: it has no tensor "b".`,
    );
    await expect(weights.read('a', [1, 2])).rejects.toThrow(
      'its tensor "a" has the shape [2], not [1, 2]',
    );
    await expect(weights.read('steps', [])).rejects.toThrow('is of type int64, not a float');
  });

  it('says when the file does not exist', async () => {
    await expect(openWeights(path.join(dir, 'none.pt'))).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  it('names the file that cannot be read', async () => {
    const file = await write('text.pt', [Buffer.from('no checkpoint')]);
    await expect(openWeights(file)).rejects.toThrow(
      `The checkpoint ${file} cannot be read: it is not a file of torch.save.`,
    );
    await expect(openWeights(dir)).rejects.toThrow('it is not a file.');
  });
});

describe('findStateDict', () => {
  it('looks into the usual entries of a training checkpoint', () => {
    const root = dict(['epoch', 3], ['model', dict(['state_dict', dict(['a', aTensor])])]);
    expect([...findStateDict(root).keys()]).toEqual(['a']);
  });

  it('leaves out what is not a tensor with a name', () => {
    const root = dict(['a', aTensor], ['epoch', 3], [1, aTensor]);
    expect([...findStateDict(root).keys()]).toEqual(['a']);
  });

  it('refuses two tensors which have the same name without prefixes', () => {
    const root = dict(['a', aTensor], ['module.a', aTensor]);
    expect(() => findStateDict(root)).toThrow('it has two tensors named "a"');
  });

  it('refuses a file without named tensors', () => {
    expect(() => findStateDict(aTensor)).toThrow('it has no tensors with names');
    const endless: Map<PickleValue, PickleValue> = new Map();
    endless.set('model', endless).set('state_dict', endless);
    expect(() => findStateDict(endless)).toThrow('it has no tensors with names');
  });
});
