import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from './blob-address.js';
import { fileError } from './blob-errors.js';
import { fileBlobStore } from './file-blob-store.js';
import { describeBlobStore } from './testing/index.js';

const blobFile = (dir: string, sha256: string): string =>
  path.join(dir, 'sha256', sha256.slice(0, 2), sha256);

describeBlobStore('fileBlobStore', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'avd-blobs-'));
  return {
    store: fileBlobStore(folder),
    otherStore: fileBlobStore(folder),
    damage: async (sha256) => {
      const file = await open(blobFile(folder, sha256), 'r+');
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, 0);
      await file.write(Buffer.of(buffer[0]! ^ 1), 0, 1, 0);
      await file.close();
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
});

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-blobs-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('fileBlobStore', () => {
  it('replaces a blob that was cut short when it is put again', async () => {
    const store = fileBlobStore(dir);
    const { sha256 } = await store.put(Buffer.from('whole'), 'text/plain');
    await writeFile(blobFile(dir, sha256), 'wh');
    await expect(store.get(sha256)).rejects.toMatchObject({ reason: 'BLOB_DAMAGED' });
    await store.put(Buffer.from('whole'), 'text/plain');
    expect(Buffer.from(await store.get(sha256)).toString()).toBe('whole');
  });

  it('leaves no partial file behind, and removes those of processes killed long ago', async () => {
    const partialDir = path.join(dir, 'partial');
    await mkdir(partialDir);
    const twoDaysAgo = new Date(Date.now() - 48 * 3600 * 1000);
    await writeFile(path.join(partialDir, 'abandoned'), 'half');
    await utimes(path.join(partialDir, 'abandoned'), twoDaysAgo, twoDaysAgo);
    await writeFile(path.join(partialDir, 'another-process'), 'being written');
    const store = fileBlobStore(dir);
    const ref = await store.put(Buffer.from('x'), 'text/plain');
    await store.putPointer(sha256Hex(Buffer.from('key')), ref);
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('broken');
    }
    await expect(store.put(broken(), 'text/plain')).rejects.toThrow();
    expect(await readdir(partialDir)).toEqual(['another-process']);
  });

  it('takes a damaged pointer for none', async () => {
    const store = fileBlobStore(dir);
    const key = sha256Hex(Buffer.from('key'));
    await store.putPointer(key, await store.put(Buffer.from('x'), 'text/plain'));
    const file = path.join(dir, 'pointer', key.slice(0, 2), key);
    for (const text of ['{"sha2', '{}', 'null', '{"sha256":"../x","sizeBytes":1,"mediaType":""}']) {
      await writeFile(file, text);
      expect(await store.getPointer(key)).toBeUndefined();
    }
  });

  it.skipIf(process.getuid?.() === 0)('says when it may not write', async () => {
    await chmod(dir, 0o500);
    await expect(fileBlobStore(dir).put(Buffer.from('x'), 'text/plain')).rejects.toMatchObject({
      kind: 'permissionDenied',
      reason: 'NO_PERMISSION',
    });
  });

  it('says when a file is where the folder should be', async () => {
    const file = path.join(dir, 'file');
    await writeFile(file, '');
    await expect(fileBlobStore(file).put(Buffer.from('x'), 'text/plain')).rejects.toMatchObject({
      kind: 'invalidInput',
      reason: 'NOT_A_FOLDER',
    });
  });

  it.each([
    ['ENOSPC', 'resourceExhausted', 'DISK_FULL'],
    ['EACCES', 'permissionDenied', 'NO_PERMISSION'],
    ['ESTALE', 'unavailable', 'STORAGE_UNAVAILABLE'],
    ['EIO', 'unavailable', 'STORAGE_UNAVAILABLE'],
  ])('calls %s an error of kind %s', (code, kind, reason) => {
    expect(fileError(Object.assign(new Error(code), { code }))).toMatchObject({ kind, reason });
  });

  it('never shows half a blob to others while many processes write it', async () => {
    const script = `
      const { fileBlobStore } = await import(${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)});
      const store = fileBlobStore(process.argv[1]);
      for (let round = 0; round < 8; round += 1) {
        for (let value = 0; value < 4; value += 1) {
          const ref = await store.put(Buffer.alloc(300000, value), 'text/plain');
          const bytes = await store.get(ref.sha256);
          if (bytes.length !== 300000) process.exit(3);
          await store.putPointer('0'.repeat(64), ref);
          if (await store.getPointer('0'.repeat(64)) === undefined) process.exit(4);
        }
      }`;
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', script, dir], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(
      children.map(async (child) => ((await once(child, 'exit')) as [number])[0]),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    expect(await readdir(path.join(dir, 'partial'))).toEqual([]);
  });
});
