import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockReader } from './block-reader.js';
import type { ByteSource } from './byte-pipe.js';

function bytesOf(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 7 + (i >> 8)) & 255);
}

function sourceOf(stream: Readable): ByteSource {
  return {
    start(onBytes, onEnd) {
      stream.on('data', (bytes: Buffer) => {
        if (!onBytes(bytes)) stream.pause();
      });
      stream.once('close', onEnd);
    },
    resume: () => void stream.resume(),
    destroy: () => void stream.destroy(),
  };
}

function streamOf(bytes: Uint8Array, pieceSizes: readonly number[]): Readable {
  const pieces: Buffer[] = [];
  for (let offset = 0, i = 0; offset < bytes.length; i++) {
    const size = pieceSizes[i % pieceSizes.length]!;
    pieces.push(Buffer.from(bytes.subarray(offset, offset + size)));
    offset += size;
  }
  return Readable.from(pieces, { objectMode: false });
}

describe('BlockReader', () => {
  it('gives the same blocks however the bytes arrive, and drops a short last block', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 2000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 5 }),
        async (totalBytes, blockBytes, pieceSizes) => {
          const bytes = bytesOf(totalBytes);
          const reader = new BlockReader(sourceOf(streamOf(bytes, pieceSizes)), blockBytes);
          const read: number[] = [];
          for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
            expect(block.length).toBe(blockBytes);
            read.push(...block);
          }
          const whole = totalBytes - (totalBytes % blockBytes);
          expect(read).toEqual([...bytes.subarray(0, whole)]);
        },
      ),
    );
  });

  it('leaves a block alone until the next one is asked for', async () => {
    const reader = new BlockReader(sourceOf(streamOf(bytesOf(1000), [100])), 100);
    const first = (await reader.next())!;
    const copy = Uint8Array.from(first);
    for (let i = 0; i < 20; i++) await nextTurn();
    expect(first).toEqual(copy);
  });

  it('uses two buffers only', async () => {
    const reader = new BlockReader(sourceOf(streamOf(bytesOf(2000), [64])), 100);
    const buffers = new Set<ArrayBufferLike>();
    for (let block = await reader.next(); block !== undefined; block = await reader.next()) {
      buffers.add(block.buffer);
    }
    expect(buffers.size).toBeLessThanOrEqual(2);
  });

  it('stops reading while the caller is busy', async () => {
    let given = 0;
    const source = new Readable({
      highWaterMark: 100,
      read() {
        given += 100;
        this.push(given > 1_000_000 ? null : Buffer.alloc(100));
      },
    });
    const reader = new BlockReader(sourceOf(source), 1000);
    await reader.next();
    for (let i = 0; i < 100; i++) await nextTurn();
    expect(given).toBeLessThanOrEqual(2500);
    source.destroy();
    await reader.next();
    expect(await reader.next()).toBeUndefined();
  });
});
