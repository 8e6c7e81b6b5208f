import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderStore } from './folder-store.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('folderStore', () => {
  it('gives back what was put, exactly', async () => {
    const store = folderStore(dir);
    const result = { values: [0.1, 1 / 3, Math.fround(0.7), -0], list: [{ a: 'é' }] };
    await store.put('abcd', result);
    expect(await folderStore(dir).get('abcd')).toEqual({
      ...result,
      values: [0.1, 1 / 3, Math.fround(0.7), 0],
    });
  });

  it('knows nothing of keys never put and ignores a damaged file', async () => {
    const store = folderStore(dir);
    expect(await store.get('abcd')).toBeUndefined();
    await store.put('abcd', [1]);
    await writeFile(path.join(dir, 'ab', 'abcd.json'), '[1');
    expect(await store.get('abcd')).toBeUndefined();
  });

  it('leaves no partial file behind when a result cannot be written', async () => {
    const store = folderStore(dir);
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await expect(store.put('abcd', circular)).rejects.toThrow();
    expect(await readdir(path.join(dir, 'ab'))).toEqual([]);
  });
});
