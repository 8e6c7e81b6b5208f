import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { memoryBlobStore } from './memory-blob-store.js';
import { openBlobStore } from './open-blob-store.js';
import { startS3TestServer } from './testing/index.js';

describe('openBlobStore', () => {
  it('opens a folder by its file URL', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'avd blobs-'));
    try {
      await using store = await openBlobStore(pathToFileURL(dir).href);
      await store.put(Buffer.from('x'), 'text/plain');
      expect(await readdir(dir)).toContain('sha256');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  it('opens memory', async () => {
    await using store = await openBlobStore('memory:');
    const { sha256 } = await store.put(Buffer.from('x'), 'text/plain');
    expect(await store.has(sha256)).toBe(true);
  });

  it('opens a bucket with its endpoint and prefix', async () => {
    await using server = await startS3TestServer(['media']);
    const endpoint = encodeURIComponent(server.endpoint);
    const url = `s3://media/team/avd/?endpoint=${endpoint}&region=eu-west-1&path-style=true`;
    const before = { ...process.env };
    process.env['AWS_ACCESS_KEY_ID'] = 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    try {
      await using store = await openBlobStore(url);
      const { sha256 } = await store.put(Buffer.from('x'), 'text/plain');
      const name = `media/team/avd/sha256/${sha256.slice(0, 2)}/${sha256}`;
      expect([...server.objects.keys()]).toEqual([name]);
    } finally {
      process.env = before;
    }
  });

  it('asks a given factory for other schemes, and disposes of what it gives', async () => {
    const seen: string[] = [];
    const inner = memoryBlobStore();
    {
      await using store = await openBlobStore('nats-obj://avd-blobs', {
        factories: {
          'nats-obj': async (url) => {
            seen.push(url.hostname);
            return Object.assign(inner, {
              [Symbol.asyncDispose]: async () => void seen.push('disposed'),
            });
          },
        },
      });
      await store.put(Buffer.from('x'), 'text/plain');
    }
    expect(seen).toEqual(['avd-blobs', 'disposed']);
  });

  it.each([
    ['blobs', 'use file:///folder, s3://bucket/prefix, memory: or nats-obj://name'],
    ['ftp://host/x', 'use file:///folder'],
    ['file://folder', 'three slashes'],
    ['file:folder', 'three slashes'],
    ['file:///', 'three slashes'],
    ['file:///folder?x=1', 'no settings'],
    ['s3:///prefix', 'names no bucket'],
    ['s3://bucket?endpoint=host:9000', 'must begin with http://'],
    ['s3://bucket?pathstyle=true', '"pathstyle" is no setting'],
    ['s3://bucket?path-style=yes', 'true or false'],
    ['s3://key:secret@bucket', 'must not carry a name and password'],
  ])('says in one sentence what is wrong with "%s"', async (url, hint) => {
    const opening = openBlobStore(url, { factories: { 'nats-obj': () => memoryBlobStore() } });
    const error = await opening.catch((reason: unknown) => reason as Error);
    expect(error).toMatchObject({ kind: 'invalidInput', reason: 'BLOB_STORE_URL_INVALID' });
    expect((error as Error).message).toContain(hint);
    expect((error as Error).message).not.toContain('secret');
  });
});
