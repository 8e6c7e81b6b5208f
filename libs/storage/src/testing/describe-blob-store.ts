import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AvdError } from '@avd/domain';
import type { BlobStore } from '@avd/stage-kit';

/** A blob store to be tested, empty at first. */
export interface BlobStoreUnderTest {
  readonly store: BlobStore;
  /** Another handle on the same blobs, as a second process has. @default the same one */
  readonly otherStore?: BlobStore;
  /** Changes the stored bytes of a blob behind the store's back, keeping their number. */
  readonly damage: (sha256: string) => Promise<void>;
  readonly dispose?: () => Promise<void>;
}

const OCTETS = 'application/octet-stream';

/** What every blob store must do; each test gets a new store. */
export function describeBlobStore(name: string, create: () => Promise<BlobStoreUnderTest>): void {
  describe(`${name} as a blob store`, () => {
    let made: BlobStoreUnderTest;
    let store: BlobStore;
    let otherStore: BlobStore;
    beforeEach(async () => {
      made = await create();
      store = made.store;
      otherStore = made.otherStore ?? made.store;
    });
    afterEach(() => made.dispose?.());

    it('gives back what was put, under the SHA-256 of its bytes', async () => {
      const ref = await store.put(Buffer.from('hello'), 'text/plain');
      expect(ref).toEqual({ sha256: digest('hello'), sizeBytes: 5, mediaType: 'text/plain' });
      expect(Buffer.from(await otherStore.get(ref.sha256)).toString()).toBe('hello');
      expect(await otherStore.has(ref.sha256)).toBe(true);
    });

    it('stores an empty blob', async () => {
      const { sha256, sizeBytes } = await store.put(new Uint8Array(), OCTETS);
      expect(sizeBytes).toBe(0);
      expect(await store.get(sha256)).toHaveLength(0);
      expect((await collect(store.open(sha256))).length).toBe(0);
    });

    it('gives the same bytes the same address, however they come', async () => {
      const bytes = noise(300_000);
      const whole = await store.put(bytes, OCTETS);
      const streamed = await otherStore.put(inPieces(bytes, 70_000), OCTETS);
      expect(streamed).toEqual(whole);
      expect(Buffer.compare(await store.get(whole.sha256), bytes)).toBe(0);
    });

    it('does not mind that the caller reuses its buffer for the next piece', async () => {
      const buffer = new Uint8Array(1000);
      async function* reused(): AsyncGenerator<Uint8Array> {
        for (const value of [1, 2, 3]) {
          buffer.fill(value);
          yield buffer;
        }
      }
      const { sha256 } = await store.put(reused(), OCTETS);
      const bytes = await store.get(sha256);
      expect([bytes[0], bytes[1000], bytes[2999]]).toEqual([1, 2, 3]);
    });

    it('streams a large blob in and out', async () => {
      const bytes = noise(20 << 20);
      const ref = await store.put(inPieces(bytes, 1 << 20), OCTETS);
      expect(ref).toEqual({ sha256: digest(bytes), sizeBytes: bytes.length, mediaType: OCTETS });
      const read = await collect(otherStore.open(ref.sha256));
      expect(Buffer.compare(read, bytes)).toBe(0);
      // A second time it is there already.
      expect(await store.put(inPieces(bytes, 1 << 20), OCTETS)).toEqual(ref);
    });

    it('can be left in the middle of reading', async () => {
      const { sha256 } = await store.put(noise(5 << 20), OCTETS);
      for await (const piece of store.open(sha256)) {
        expect(piece.length).toBeGreaterThan(0);
        break;
      }
      expect(await store.has(sha256)).toBe(true);
    });

    it('takes the same blob from many at once', async () => {
      const bytes = noise(400_000);
      const refs = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          (index % 2 === 0 ? store : otherStore).put(
            index % 3 === 0 ? bytes : inPieces(bytes, 50_000),
            OCTETS,
          ),
        ),
      );
      expect(new Set(refs.map((ref) => ref.sha256))).toEqual(new Set([digest(bytes)]));
      expect(Buffer.compare(await store.get(digest(bytes)), bytes)).toBe(0);
    });

    it('says which blob is missing', async () => {
      const sha256 = digest('never put');
      expect(await store.has(sha256)).toBe(false);
      const missing = { kind: 'notFound', reason: 'BLOB_NOT_FOUND', details: { sha256 } };
      await expect(store.get(sha256)).rejects.toMatchObject(missing);
      await expect(collect(store.open(sha256))).rejects.toMatchObject(missing);
    });

    it.each(['', '../../etc/passwd', 'A'.repeat(64), 'a'.repeat(63)])(
      'refuses the address "%s"',
      async (address) => {
        const invalid = { kind: 'invalidInput', reason: 'BLOB_ADDRESS_INVALID' };
        await expect(store.get(address)).rejects.toMatchObject(invalid);
        await expect(collect(store.open(address))).rejects.toMatchObject(invalid);
        await expect(store.has(address)).rejects.toMatchObject(invalid);
        await expect(store.delete(address)).rejects.toMatchObject(invalid);
        await expect(store.getPointer(address)).rejects.toMatchObject(invalid);
      },
    );

    it('forgets a deleted blob, and does not mind deleting it twice', async () => {
      const { sha256 } = await store.put(Buffer.from('gone'), OCTETS);
      await store.delete(sha256);
      await store.delete(sha256);
      expect(await otherStore.has(sha256)).toBe(false);
      await expect(otherStore.get(sha256)).rejects.toMatchObject({ reason: 'BLOB_NOT_FOUND' });
    });

    it('notices a damaged blob, and putting it again after deletion makes it whole', async () => {
      const bytes = noise(200_000);
      const { sha256 } = await store.put(bytes, OCTETS);
      await made.damage(sha256);
      const damaged = { kind: 'unavailable', reason: 'BLOB_DAMAGED' };
      await expect(otherStore.get(sha256)).rejects.toMatchObject(damaged);
      await expect(collect(otherStore.open(sha256))).rejects.toMatchObject(damaged);
      await store.delete(sha256);
      await store.put(bytes, OCTETS);
      expect(Buffer.compare(await otherStore.get(sha256), bytes)).toBe(0);
    });

    it('keeps nothing of a put that was stopped', async () => {
      const stop = new AbortController();
      async function* stopped(): AsyncGenerator<Uint8Array> {
        yield noise(100_000);
        stop.abort();
        yield noise(100_000);
      }
      await expect(store.put(stopped(), OCTETS, stop.signal)).rejects.toMatchObject({
        kind: 'cancelled',
      });
      expect(await store.has(digest(Buffer.concat([noise(100_000), noise(100_000)])))).toBe(false);
      expect(await store.has(digest(noise(100_000)))).toBe(false);
    });

    it('stops a put while its source is silent', async () => {
      const stop = new AbortController();
      let isAsked = (): void => undefined;
      const asked = new Promise<void>((resolve) => (isAsked = resolve));
      async function* silent(): AsyncGenerator<Uint8Array> {
        yield noise(1000);
        isAsked();
        await new Promise(() => undefined);
      }
      const put = store.put(silent(), OCTETS, stop.signal);
      void asked.then(() => stop.abort());
      await expect(put).rejects.toMatchObject({ kind: 'cancelled' });
    });

    it('stops a read, and begins nothing once stopped', async () => {
      const { sha256 } = await store.put(noise(5 << 20), OCTETS);
      const stop = new AbortController();
      const reading = async (): Promise<void> => {
        for await (const piece of store.open(sha256, stop.signal)) {
          void piece;
          stop.abort();
        }
      };
      // A store that has the whole blob in one piece may have ended before it could be stopped.
      await reading().catch((error: unknown) => {
        expect(error).toMatchObject({ kind: 'cancelled' });
      });
      const cancelled = { kind: 'cancelled' };
      await expect(store.get(sha256, stop.signal)).rejects.toMatchObject(cancelled);
      await expect(collect(store.open(sha256, stop.signal))).rejects.toMatchObject(cancelled);
      await expect(store.has(sha256, stop.signal)).rejects.toMatchObject(cancelled);
      await expect(store.put(noise(10), OCTETS, stop.signal)).rejects.toMatchObject(cancelled);
      await expect(store.getPointer(sha256, stop.signal)).rejects.toMatchObject(cancelled);
    });

    it('passes on the failure of a source and keeps nothing', async () => {
      const failure = new AvdError('media', 'SOURCE_BROKE', 'The source broke.');
      async function* broken(): AsyncGenerator<Uint8Array> {
        yield noise(1000);
        throw failure;
      }
      await expect(store.put(broken(), OCTETS)).rejects.toBe(failure);
      expect(await store.has(digest(noise(1000)))).toBe(false);
    });

    it('keeps the last thing a pointer was set to', async () => {
      const key = digest('call');
      expect(await store.getPointer(key)).toBeUndefined();
      const first = await store.put(Buffer.from('first'), 'text/plain');
      const second = await store.put(Buffer.from('second'), 'application/json');
      await store.putPointer(key, first);
      expect(await otherStore.getPointer(key)).toEqual(first);
      await otherStore.putPointer(key, second);
      expect(await store.getPointer(key)).toEqual(second);
    });

    it('keeps pointers apart from blobs of the same name', async () => {
      const ref = await store.put(Buffer.from('both'), 'text/plain');
      await store.putPointer(ref.sha256, ref);
      expect(Buffer.from(await store.get(ref.sha256)).toString()).toBe('both');
      await store.delete(ref.sha256);
      expect(await store.getPointer(ref.sha256)).toEqual(ref);
    });

    it('still names a deleted blob by its pointer, which then cannot be read', async () => {
      const key = digest('another call');
      const ref = await store.put(Buffer.from('output'), 'text/plain');
      await store.putPointer(key, ref);
      await store.delete(ref.sha256);
      expect(await store.getPointer(key)).toEqual(ref);
      await expect(store.get(ref.sha256)).rejects.toMatchObject({ reason: 'BLOB_NOT_FOUND' });
    });

    it('settles on one of the values when many set a pointer at once', async () => {
      const key = digest('contended');
      const refs = await Promise.all(
        ['a', 'b', 'c', 'd'].map((text) => store.put(Buffer.from(text), 'text/plain')),
      );
      await Promise.all(
        refs.map((ref, index) => (index % 2 === 0 ? store : otherStore).putPointer(key, ref)),
      );
      expect(refs).toContainEqual(await store.getPointer(key));
    });
  });
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Bytes without a pattern, the same every time (xorshift32). */
function noise(sizeBytes: number): Buffer {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state >>> 0;
  }
  return Buffer.from(words.buffer, 0, sizeBytes);
}

async function* inPieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const list: Uint8Array[] = [];
  for await (const piece of pieces) list.push(piece);
  return Buffer.concat(list);
}
