import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../blob-address.js';
import { describeBlobStore, type S3TestServer, startS3TestServer } from '../testing/index.js';
import { withOutageTolerance } from '../with-outage-tolerance.js';
import { s3BlobStore, type S3BlobStoreOptions } from './s3-blob-store.js';

const LARGE_BYTES = 20 << 20;
const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
const before = names.map((name) => process.env[name]);
beforeAll(() => {
  for (const name of names) process.env[name] = 'test';
});
afterAll(() => {
  names.forEach((name, index) => {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  });
});

const optionsOf = (server: S3TestServer): S3BlobStoreOptions => ({
  bucket: 'blobs',
  prefix: 'avd/dev',
  endpoint: server.endpoint,
});

describeBlobStore('s3BlobStore', async () => {
  const server = await startS3TestServer(['blobs']);
  const store = s3BlobStore(optionsOf(server));
  const otherStore = s3BlobStore(optionsOf(server));
  return {
    store,
    otherStore,
    damage: async (sha256) => {
      const object = server.objects.get(`blobs/avd/dev/sha256/${sha256.slice(0, 2)}/${sha256}`)!;
      object.bytes = Buffer.from(object.bytes);
      object.bytes[0] = object.bytes[0]! ^ 1;
    },
    dispose: async () => {
      await store[Symbol.asyncDispose]();
      await otherStore[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

describe('s3BlobStore', () => {
  let server: S3TestServer;
  let spoolDir: string;
  beforeEach(async () => {
    server = await startS3TestServer(['blobs']);
    spoolDir = await mkdtemp(path.join(tmpdir(), 'avd-spool-test-'));
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(spoolDir, { recursive: true, force: true });
  });

  async function* large(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < LARGE_BYTES; start += 1 << 20) {
      yield Buffer.alloc(1 << 20, start >>> 20);
    }
  }

  it('sends a large stream in parts, once, and leaves no spooled file behind', async () => {
    await using store = s3BlobStore({ ...optionsOf(server), spoolDir });
    const { sha256 } = await store.put(large(), 'video/mp4');
    const name = `blobs/avd/dev/sha256/${sha256.slice(0, 2)}/${sha256}`;
    expect(server.objects.get(name)).toMatchObject({
      contentType: 'video/mp4',
      metadata: { sha256 },
    });
    expect(server.requests.filter((line) => line.includes('partNumber'))).toHaveLength(3);
    const sentBefore = server.requests.length;
    await store.put(large(), 'video/mp4');
    expect(server.requests.slice(sentBefore)).toEqual([`HEAD ${name}`]);
    expect(await readdir(spoolDir)).toEqual([]);
  });

  it('stops sending parts, and gives the upload up at the server', async () => {
    await using store = s3BlobStore({ ...optionsOf(server), spoolDir });
    const stop = new AbortController();
    const original = server.requests.push.bind(server.requests);
    server.requests.push = (line) => {
      if (line.includes('partNumber=1')) stop.abort();
      return original(line);
    };
    await expect(store.put(large(), 'video/mp4', stop.signal)).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await expect.poll(() => server.openUploads()).toBe(0);
    expect(server.objects.size).toBe(0);
    expect(await readdir(spoolDir)).toEqual([]);
  });

  it.each([
    [503, 'SlowDown', 'unavailable', 'S3_UNAVAILABLE'],
    [500, 'InternalError', 'unavailable', 'S3_UNAVAILABLE'],
    [403, 'AccessDenied', 'permissionDenied', 'S3_ACCESS_DENIED'],
    [403, 'SignatureDoesNotMatch', 'permissionDenied', 'S3_ACCESS_DENIED'],
    [400, 'ExpiredToken', 'permissionDenied', 'S3_NO_CREDENTIALS'],
    [404, 'NoSuchBucket', 'precondition', 'S3_BUCKET_NOT_FOUND'],
    [507, 'XMinioStorageFull', 'resourceExhausted', 'S3_FULL'],
    [418, 'Teapot', 'internal', 'INTERNAL'],
  ])('maps an answer %i %s to %s', async (statusCode, code, kind, reason) => {
    await using store = s3BlobStore({ ...optionsOf(server), maxAttempts: 1 });
    const error = { kind, reason };
    server.faults.answers.push(...Array.from({ length: 2 }, () => ({ statusCode, code })));
    await expect(store.put(Buffer.from('x'), 'text/plain')).rejects.toMatchObject(error);
    await expect(store.get('0'.repeat(64))).rejects.toMatchObject(error);
  });

  it('never takes a failed write for a finished one', async () => {
    await using store = s3BlobStore({ ...optionsOf(server), maxAttempts: 1 });
    server.faults.answers.push({ statusCode: 404, code: 'NoSuchKey' });
    await expect(store.put(Buffer.from('x'), 'text/plain')).rejects.toThrow();
    await using elsewhere = s3BlobStore({ ...optionsOf(server), bucket: 'missing' });
    await expect(elsewhere.put(Buffer.from('x'), 'text/plain')).rejects.toMatchObject({
      reason: 'S3_BUCKET_NOT_FOUND',
    });
  });

  it('lets the SDK try a throttled request again, a bounded number of times', async () => {
    await using store = s3BlobStore(optionsOf(server));
    const slowDown = { statusCode: 503, code: 'SlowDown' };
    server.faults.answers.push(slowDown, slowDown);
    await store.put(Buffer.from('x'), 'text/plain');
    expect(server.requests).toHaveLength(3);
    server.faults.answers.push(slowDown, slowDown, slowDown, slowDown);
    await expect(store.put(Buffer.from('y'), 'text/plain')).rejects.toMatchObject({
      kind: 'unavailable',
    });
    expect(server.requests).toHaveLength(6);
  });

  it('says that the server cannot be reached', async () => {
    await using store = s3BlobStore({ ...optionsOf(server), maxAttempts: 1 });
    server.faults.isDown = true;
    await expect(store.has('0'.repeat(64))).rejects.toMatchObject({
      kind: 'unavailable',
      reason: 'S3_UNAVAILABLE',
    });
  });

  it('fails as unavailable when the connection breaks in the middle of a body', async () => {
    await using store = s3BlobStore(optionsOf(server));
    const { sha256 } = await store.put(Buffer.alloc(1 << 20, 7), 'text/plain');
    server.faults.cutBodiesAfterBytes.push(1000);
    await expect(store.get(sha256)).rejects.toMatchObject({ reason: 'S3_UNAVAILABLE' });
    expect(await store.get(sha256)).toHaveLength(1 << 20);
  });

  it('reads on over broken connections under withOutageTolerance', async () => {
    await using inner = s3BlobStore({ ...optionsOf(server), maxAttempts: 1 });
    const store = withOutageTolerance(inner, { firstDelayMs: 1 });
    const { sha256 } = await store.put(large(), 'video/mp4');
    server.faults.cutBodiesAfterBytes.push(3 << 20, 5 << 20, 100);
    let sizeBytes = 0;
    for await (const piece of store.open(sha256)) sizeBytes += piece.length;
    expect(sizeBytes).toBe(LARGE_BYTES);
  });

  it('waits for a server that is away for a while under withOutageTolerance', async () => {
    await using inner = s3BlobStore({ ...optionsOf(server), maxAttempts: 1 });
    let retryCount = 0;
    const store = withOutageTolerance(inner, {
      firstDelayMs: 1,
      onRetry: () => {
        retryCount += 1;
        if (retryCount === 4) server.faults.isDown = false;
      },
    });
    server.faults.isDown = true;
    const { sha256 } = await store.put(large(), 'video/mp4');
    expect(retryCount).toBe(4);
    expect(await store.has(sha256)).toBe(true);
  });

  it('puts pointers and blobs at documented places', async () => {
    await using store = s3BlobStore({ ...optionsOf(server), prefix: '' });
    const ref = await store.put(Buffer.from('x'), 'text/plain');
    const key = sha256Hex(Buffer.from('key'));
    await store.putPointer(key, ref);
    expect([...server.objects.keys()]).toEqual([
      `blobs/sha256/${ref.sha256.slice(0, 2)}/${ref.sha256}`,
      `blobs/pointer/${key.slice(0, 2)}/${key}`,
    ]);
  });
});
