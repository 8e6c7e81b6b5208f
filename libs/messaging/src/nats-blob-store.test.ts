import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { natsOf } from './connection.js';
import { natsBlobStore } from './nats-blob-store.js';
import { natsServerPath } from './testing/index.js';
import { bytesOf, openBench, textOf } from './testing/test-bench.js';

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const big = (): Uint8Array => Uint8Array.from({ length: 700_000 }, (_, i) => (i * 31) % 251);

async function* piecesOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe.skipIf(natsServerPath() === undefined)('natsBlobStore (needs nats-server)', () => {
  it('stores bytes by their address, whole and piece by piece, once', async () => {
    await using bench = await openBench();
    const store = natsBlobStore(bench.messaging, 'blobs');
    const bytes = big();
    const ref = await store.put(bytes, 'application/octet-stream');
    expect(ref).toEqual({
      sha256: sha256Of(bytes),
      sizeBytes: bytes.length,
      mediaType: 'application/octet-stream',
    });
    const stored = async (): Promise<number> =>
      (await natsOf(bench.messaging).jsm.streams.info('OBJ_blobs')).state.bytes;
    const before = await stored();
    expect(await store.put(piecesOf(bytes, 10_000), 'text/plain')).toEqual({
      ...ref,
      mediaType: 'text/plain',
    });
    await Promise.all([store.put(bytes, 'a/b'), store.put(bytes, 'a/b')]);
    // Only the mark of the passing name is new.
    expect((await stored()) - before).toBeLessThan(1000);
    expect(Buffer.compare(await store.get(ref.sha256), bytes)).toBe(0);
    let sizeBytes = 0;
    let pieces = 0;
    for await (const piece of store.open(ref.sha256)) {
      sizeBytes += piece.length;
      pieces++;
    }
    expect(sizeBytes).toBe(bytes.length);
    expect(pieces).toBeGreaterThan(1);
  });

  it('keeps a stream whose bytes are new, and the empty blob', async () => {
    await using bench = await openBench();
    const store = natsBlobStore(bench.messaging);
    const ref = await store.put(piecesOf(big(), 65_536), 'a/b');
    expect(ref.sha256).toBe(sha256Of(big()));
    expect(Buffer.compare(await store.get(ref.sha256), big())).toBe(0);
    const empty = await store.put(new Uint8Array(0), 'a/b');
    expect(await store.get(empty.sha256)).toHaveLength(0);
  });

  it('says what is missing, deletes, and stores again', async () => {
    await using bench = await openBench();
    const store = natsBlobStore(bench.messaging);
    const { sha256 } = await store.put(bytesOf('hello'), 'text/plain');
    expect(await store.has(sha256)).toBe(true);
    await store.delete(sha256);
    await store.delete(sha256);
    expect(await store.has(sha256)).toBe(false);
    await expect(store.get(sha256)).rejects.toMatchObject({ reason: 'BLOB_NOT_FOUND' });
    await store.put(bytesOf('hello'), 'text/plain');
    expect(textOf(await store.get(sha256))).toBe('hello');
  });

  it('notices bytes that do not match their address', async () => {
    await using bench = await openBench();
    const store = natsBlobStore(bench.messaging, 'blobs');
    const good = await store.put(bytesOf('good'), 'text/plain');
    const { jsm, js } = natsOf(bench.messaging);
    const meta = `$O.blobs.M.${Buffer.from(`sha256/${good.sha256}`).toString('base64url')}`;
    const bad = await store.put(bytesOf('evil'), 'text/plain');
    const badMeta = `$O.blobs.M.${Buffer.from(`sha256/${bad.sha256}`).toString('base64url')}`;
    const names = Object.keys(
      (await jsm.streams.info('OBJ_blobs', { subjects_filter: '$O.blobs.M.>' })).state.subjects ??
        {},
    );
    const of = (subject: string): string => names.find((name) => name.startsWith(subject)) ?? '';
    const message = await jsm.streams.getMessage('OBJ_blobs', { last_by_subj: of(badMeta) });
    await js.publish(of(meta), message!.data);
    await expect(store.get(good.sha256)).rejects.toMatchObject({ reason: 'BLOB_DAMAGED' });
  });

  it('remembers pointers and replaces them', async () => {
    await using bench = await openBench();
    const store = natsBlobStore(bench.messaging);
    const key = 'ab'.repeat(32);
    expect(await store.getPointer(key)).toBeUndefined();
    const first = { sha256: 'cd'.repeat(32), sizeBytes: 5, mediaType: 'text/plain' };
    await store.putPointer(key, first);
    expect(await store.getPointer(key)).toEqual(first);
    const second = { ...first, sizeBytes: 6 };
    await store.putPointer(key, second);
    expect(await store.getPointer(key)).toEqual(second);
  });

  it('stops at an abort', async () => {
    await using bench = await openBench();
    const store = natsBlobStore(bench.messaging);
    const stopped = AbortSignal.abort();
    const put = store.put(piecesOf(big(), 1000), 'a/b', stopped);
    await expect(put).rejects.toThrow();
    await expect(store.get('ab'.repeat(32), stopped)).rejects.toThrow();
  });
});
