import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentDigest } from './content-digest.js';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'avd-digest-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('contentDigest', () => {
  it('is the SHA-256 of the bytes, whatever the name', async () => {
    const bytes = Buffer.alloc(3_000_000, 'abc');
    const expected = createHash('sha256').update(bytes).digest('hex');
    for (const name of ['a.mp4', 'b c.mkv']) {
      writeFileSync(path.join(dir, name), bytes);
      expect(await contentDigest(path.join(dir, name))).toBe(expected);
    }
  });

  it('names a missing file and stops when asked to', async () => {
    await expect(contentDigest(path.join(dir, 'no'))).rejects.toMatchObject({
      reason: 'FILE_NOT_FOUND',
    });
    writeFileSync(path.join(dir, 'x'), 'x');
    await expect(contentDigest(path.join(dir, 'x'), AbortSignal.abort())).rejects.toMatchObject({
      kind: 'cancelled',
    });
  });
});
