import { memoryBlobStore } from '@avd/storage';
import type { BlobRef, BlobStore } from '@avd/stage-kit';
import { describe, expect, it } from 'vitest';
import { Artifacts, toArtifactList } from './artifacts.js';

/** Counts what is really read. */
function counted(): { readonly blobs: BlobStore; readonly reads: string[] } {
  const store = memoryBlobStore();
  const reads: string[] = [];
  const blobs: BlobStore = {
    ...store,
    get: (sha256, signal) => {
      reads.push(sha256);
      return store.get(sha256, signal);
    },
  };
  return { blobs, reads };
}

const refOf = (index: number): BlobRef => ({
  sha256: index.toString(16).padStart(64, '0'),
  sizeBytes: index,
  mediaType: 'application/json',
});

describe('Artifacts', () => {
  it('gives back what was written, and reads it from the store once', async () => {
    const { blobs, reads } = counted();
    const artifacts = new Artifacts(blobs);
    const value = { tracks: [{ startFrame: 0, score: 0.1 }], text: 'ä' };
    const { sha256, mediaType } = await artifacts.write(value);
    expect(await artifacts.read(sha256)).toEqual(value);
    expect(await artifacts.read(sha256)).toEqual(value);
    expect(reads).toEqual([sha256]);
    expect(mediaType).toBe('application/json');
  });

  it('writes the same value as the same bytes', async () => {
    const artifacts = new Artifacts(memoryBlobStore());
    expect(await artifacts.write([1, { a: 2 }])).toEqual(await artifacts.write([1, { a: 2 }]));
  });

  it('keeps at most the allowed bytes, and forgets what was read longest ago', async () => {
    const { blobs, reads } = counted();
    const artifacts = new Artifacts(blobs, 2_500);
    const written = await Promise.all(
      ['a', 'b', 'c'].map((letter) => artifacts.write(letter.repeat(1_000))),
    );
    const [a, b, c] = written.map(({ sha256 }) => sha256) as [string, string, string];
    for (const address of [a, b, a, c]) await artifacts.read(address);
    expect(reads).toEqual([a, b, c]);
    await artifacts.read(a);
    expect(reads).toEqual([a, b, c]);
    await artifacts.read(b);
    expect(reads).toEqual([a, b, c, b]);
  });

  it('does not keep what is greater than all it may keep, and goes on keeping the rest', async () => {
    const { blobs, reads } = counted();
    const artifacts = new Artifacts(blobs, 100);
    const { sha256: great } = await artifacts.write('x'.repeat(500));
    const { sha256: small } = await artifacts.write('y');
    await artifacts.read(great);
    await artifacts.read(small);
    await artifacts.read(great);
    await artifacts.read(small);
    expect(reads.filter((address) => address === great)).toHaveLength(2);
  });

  it('counts bytes once when two readers ask for the same blob at once', async () => {
    const { blobs, reads } = counted();
    const artifacts = new Artifacts(blobs, 1_500);
    const { sha256 } = await artifacts.write('x'.repeat(1_000));
    await Promise.all([artifacts.read(sha256), artifacts.read(sha256)]);
    reads.length = 0;
    await artifacts.read(sha256);
    expect(reads).toEqual([]);
  });
});

describe('toArtifactList', () => {
  it.each([0, 1, 100])('keeps %i references inline', async (count) => {
    const artifacts = new Artifacts(memoryBlobStore());
    const refs = Array.from({ length: count }, (_, index) => refOf(index));
    const list = await toArtifactList(refs, artifacts);
    expect(list.manifest).toBeUndefined();
    expect(await artifacts.addressesOf(list)).toEqual(refs.map(({ sha256 }) => sha256));
  });

  it('puts a longer list into a blob of its own, in the same order', async () => {
    const artifacts = new Artifacts(memoryBlobStore());
    const refs = Array.from({ length: 101 }, (_, index) => refOf(500 - index));
    const list = await toArtifactList(refs, artifacts);
    expect(list.artifacts).toEqual([]);
    expect(await artifacts.addressesOf(list)).toEqual(refs.map(({ sha256 }) => sha256));
  });
});
