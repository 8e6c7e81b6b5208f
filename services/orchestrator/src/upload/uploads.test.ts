import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectMessaging, ensureTopology, jobStore } from '@avd/messaging';
import { natsServerPath, startNatsServer } from '@avd/messaging/testing';
import { fileBlobStore, withOutageTolerance } from '@avd/storage';
import { describe, expect, it } from 'vitest';
import { openMediaCatalogue } from './media-catalogue.js';
import { Uploads } from './uploads.js';

const REQUEST_ID = '5f0c1b52-37a2-4b60-9a57-6f0b4d1f8a11';
const SPEC = { fileName: 'talk.mp4', contentType: '', sizeBytes: 0, sha256: '' };

describe.skipIf(natsServerPath() === undefined)('uploads on NATS and files', () => {
  it('are the same file however many streams send it, and are gone when the digest is wrong', async () => {
    await using server = await startNatsServer();
    await using messaging = await connectMessaging({ urls: [server.url], name: 'avd-test' });
    await ensureTopology(messaging);
    const dir = await mkdtemp(path.join(tmpdir(), 'avd-uploads-'));
    try {
      const blobs = withOutageTolerance(fileBlobStore(dir));
      const uploads = new Uploads({
        store: jobStore(messaging),
        blobs,
        catalogue: openMediaCatalogue(blobs),
        maxUploadBytes: 1e6,
        partBytes: 1000,
      });
      const { signal } = new AbortController();
      const file = Buffer.from(Uint8Array.from({ length: 5500 }, (_, i) => i % 251));
      const send = async (pieceBytes: number): Promise<void> => {
        const session = await uploads.open(await uploads.begin(REQUEST_ID, SPEC), signal);
        for (let at = 0; at < file.length; at += pieceBytes) {
          await session.add(file.subarray(at, at + pieceBytes), at, signal);
        }
        await session.flush(signal);
      };
      await Promise.all([send(300), send(700), send(5500), send(999)]);
      const done = await uploads.finish(REQUEST_ID, signal);
      const stored = Buffer.from(await blobs.get(done.media!.blob.sha256));
      expect(stored.equals(file)).toBe(true);
      await uploads.removeExpired(Date.now() + 1e9);
      await expect(uploads.need(REQUEST_ID)).rejects.toMatchObject({ reason: 'UPLOAD_NOT_FOUND' });

      const wrong = { ...SPEC, sha256: '0'.repeat(64) };
      const session = await uploads.open(await uploads.begin(REQUEST_ID, wrong), signal);
      await session.add(file, 0, signal);
      await session.flush(signal);
      await expect(uploads.finish(REQUEST_ID, signal)).rejects.toMatchObject({
        reason: 'DIGEST_MISMATCH',
      });
      await expect(uploads.need(REQUEST_ID)).rejects.toMatchObject({ reason: 'UPLOAD_NOT_FOUND' });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
