import { createHash } from 'node:crypto';
import { descriptorImage, diarizationV1 } from '@avd/contracts';
import { AvdError } from '@avd/domain';
import { createRpcClient, startRpcServer, type RpcClient } from '@avd/rpc';
import { memoryBlobStore } from '@avd/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobRecord } from '../api/testing/job-fixtures.js';
import type { JobRecord } from '../job/job-record.js';
import type { Jobs } from '../job/jobs.js';
import { openMediaCatalogue } from './media-catalogue.js';
import { mediaHandlers } from './media-service.js';
import { memoryUploadStore } from './testing/memory-upload-store.js';
import { UPLOAD_TTL_SEC, Uploads } from './uploads.js';

const REQUEST_ID = '5f0c1b52-37a2-4b60-9a57-6f0b4d1f8a11';
const PART_BYTES = 1000;
const MAX_UPLOAD_BYTES = 20_000;
type Request = diarizationV1.UploadMediaRequest;
type MediaClient = RpcClient<typeof diarizationV1.MediaServiceService>;

const FILE = Buffer.from(Uint8Array.from({ length: 3456 }, (_, i) => (i * 7919) >> 5));
const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function spec(changes: Partial<diarizationV1.UploadSpec> = {}): Request {
  const value = {
    ...{ requestId: REQUEST_ID, fileName: 'talk.mp4', contentType: 'video/mp4' },
    ...{ sizeBytes: FILE.length, sha256: sha256Of(FILE) },
    ...changes,
  };
  return { data: { $case: 'spec', value }, writeOffset: 0, finish: false };
}

function chunk(startByte: number, endByte: number, bytes: Uint8Array = FILE): Request {
  return {
    data: { $case: 'chunk', value: bytes.subarray(startByte, endByte) },
    writeOffset: startByte,
    finish: endByte >= bytes.length,
  };
}

function chunks(startByte: number, endByte: number, stepBytes: number): Request[] {
  const found = [];
  for (let at = startByte; at < endByte; at += stepBytes) {
    found.push(chunk(at, Math.min(at + stepBytes, endByte)));
  }
  return found;
}

async function reasonOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'none',
    (error: unknown) => AvdError.from(error).reason,
  );
}

describe('MediaService', () => {
  const blobMap = new Map<string, Uint8Array>();
  const blobs = memoryBlobStore({ blobs: blobMap });
  const catalogue = openMediaCatalogue(blobs);
  let records: JobRecord[] = [];
  let opened: AsyncDisposable[] = [];
  let uploads: Uploads;
  let client: MediaClient;
  let otherClient: MediaClient;

  beforeEach(async () => {
    blobMap.clear();
    records = [];
    opened = [];
    const store = memoryUploadStore();
    const jobs = {
      ids: async () => records.map(({ id }) => id),
      get: async (id: string) => ({ record: records.find((r) => r.id === id)!, revision: 1 }),
    } as unknown as Jobs;
    const open = async (): Promise<MediaClient> => {
      uploads = new Uploads({
        ...{ store, blobs, catalogue, maxUploadBytes: MAX_UPLOAD_BYTES, partBytes: PART_BYTES },
      });
      const deps = { uploads, catalogue, blobs, jobs, maxUploadBytes: MAX_UPLOAD_BYTES };
      const server = await startRpcServer({
        address: '127.0.0.1:0',
        services: [
          {
            definition: diarizationV1.MediaServiceService,
            implementation: mediaHandlers(deps),
          },
        ],
        descriptorImage: descriptorImage(),
      });
      const service = { service: diarizationV1.MediaServiceService };
      const made = await createRpcClient(service, `127.0.0.1:${server.port}`);
      opened.push(made, server);
      return made;
    };
    client = await open();
    otherClient = await open();
  });
  afterEach(async () => {
    for (const each of opened) await each[Symbol.asyncDispose]();
  });

  const upload = (requests: Request[], through = client) => through.upload('uploadMedia', requests);
  const getUpload = () => client.call('getUpload', { name: `uploads/${REQUEST_ID}` });
  const isStored = (sha256: string): boolean => blobMap.has(sha256);
  /** Blobs that are no small notes of the catalogue. */
  const largeBlobs = (): number => [...blobMap.values()].filter((b) => b.length > 500).length;

  it('stores a file whole, tells its name, and keeps nothing else', async () => {
    const done = await upload([spec(), ...chunks(0, FILE.length, 700)]);
    expect(done).toMatchObject({
      name: `uploads/${REQUEST_ID}`,
      committedSizeBytes: FILE.length,
      expireTime: undefined,
      media: {
        name: `media/${sha256Of(FILE)}`,
        ...{ fileName: 'talk.mp4', contentType: 'video/mp4', sizeBytes: FILE.length },
        sha256: sha256Of(FILE),
      },
    });
    expect(Buffer.from(await blobs.get(sha256Of(FILE))).equals(FILE)).toBe(true);
    expect(largeBlobs()).toBe(1);
    expect(await getUpload()).toEqual(done);
    // The same again, from another orchestrator, without sending it all.
    expect(await upload([spec()], otherClient)).toEqual(done);
  });

  it.each([1, 499, 1000, 1001, 2999, 3455])(
    'goes on after %i bytes, in another orchestrator',
    async (doneBytes) => {
      const begun = await upload([spec(), ...chunks(0, doneBytes, 300)]);
      expect(begun).toMatchObject({ committedSizeBytes: doneBytes, media: undefined });
      expect(begun.expireTime!.getTime()).toBeGreaterThan(Date.now());
      const rest = chunks(doneBytes, FILE.length, 400);
      const done = await upload([spec(), ...rest], otherClient);
      expect(done.media?.sha256).toBe(sha256Of(FILE));
      expect(largeBlobs()).toBe(1);
    },
  );

  it('keeps what had come when the stream breaks', async () => {
    const leaving = new AbortController();
    const requests = async function* (): AsyncGenerator<Request> {
      yield spec();
      yield chunk(0, 1500);
      yield chunk(1500, 1700);
      leaving.abort();
    };
    const { signal } = leaving;
    expect(await reasonOf(client.upload('uploadMedia', requests(), { signal }))).toBe('CANCELLED');
    // The server learns of the break a moment later, and at least the full part is there before.
    const { committedSizeBytes } = await getUpload();
    expect([1000, 1500, 1700]).toContain(committedSizeBytes);
    const rest = chunks(committedSizeBytes, FILE.length, 500);
    expect((await upload([spec(), ...rest])).media?.sha256).toBe(sha256Of(FILE));
  });

  it('takes bytes that were sent before once', async () => {
    await upload([spec(), ...chunks(0, 1800, 600)]);
    const again = [spec(), chunk(600, 1200), chunk(1200, 2400), chunk(1000, FILE.length)];
    expect((await upload(again)).media?.sha256).toBe(sha256Of(FILE));
  });

  it('takes one file from several streams at once', async () => {
    const requests = [spec(), ...chunks(0, FILE.length, 250)];
    const done = await Promise.all([
      upload(requests),
      upload(requests, otherClient),
      upload(requests),
    ]);
    for (const { media } of done) expect(media?.sha256).toBe(sha256Of(FILE));
    expect(Buffer.from(await blobs.get(sha256Of(FILE))).equals(FILE)).toBe(true);
  });

  it('keeps uploads of the same bytes apart', async () => {
    const other = { requestId: '5f0c1b52-37a2-4b60-9a57-6f0b4d1f8a12' };
    await upload([spec(other), ...chunks(0, 2000, 500)]);
    await upload([spec(), ...chunks(0, FILE.length, 500)]);
    const done = await upload([spec(other), ...chunks(2000, FILE.length, 500)]);
    expect(done.media?.sha256).toBe(sha256Of(FILE));
  });

  it('does not need size and digest, and can be finished by a message of its own', async () => {
    const unknown = spec({ sizeBytes: 0, sha256: '' });
    await upload([unknown, { ...chunk(0, FILE.length), finish: false }]);
    const end = { data: undefined, writeOffset: FILE.length, finish: true };
    expect((await upload([unknown, end])).media?.sha256).toBe(sha256Of(FILE));
  });

  it('refuses gaps and says where to go on', async () => {
    expect(await reasonOf(upload([spec(), chunk(0, 300), chunk(400, 600)]))).toBe(
      'BAD_WRITE_OFFSET',
    );
    expect((await getUpload()).committedSizeBytes).toBe(300);
  });

  it('refuses a file of another size', async () => {
    const requests = [spec(), { ...chunk(0, 1200), finish: true }];
    expect(await reasonOf(upload(requests))).toBe('SIZE_MISMATCH');
    const tooMuch = [spec({ sizeBytes: 1000, requestId: crypto.randomUUID() }), chunk(0, 1200)];
    expect(await reasonOf(upload(tooMuch))).toBe('SIZE_MISMATCH');
  });

  it('refuses a file with another digest, stores nothing of it and begins anew', async () => {
    const wrong = Buffer.from(FILE);
    wrong[10]! ^= 1;
    expect(await reasonOf(upload([spec(), chunk(0, FILE.length, wrong)]))).toBe('DIGEST_MISMATCH');
    expect(blobMap.size).toBe(0);
    expect(await reasonOf(getUpload())).toBe('UPLOAD_NOT_FOUND');
    expect((await upload([spec(), chunk(0, FILE.length)])).media?.sha256).toBe(sha256Of(FILE));
  });

  it('refuses files that are too large, announced or not', async () => {
    const large = Buffer.alloc(MAX_UPLOAD_BYTES + 1);
    expect(await reasonOf(upload([spec({ sizeBytes: large.length })]))).toBe('MEDIA_TOO_LARGE');
    const unannounced = [spec({ sizeBytes: 0 }), chunk(0, large.length, large)];
    expect(await reasonOf(upload(unannounced))).toBe('MEDIA_TOO_LARGE');
  });

  it('refuses an id that was used for another file', async () => {
    await upload([spec(), chunk(0, 100)]);
    expect(await reasonOf(upload([spec({ fileName: 'other.mp4' })]))).toBe('REQUEST_ID_REUSED');
  });

  it.each([
    [{ requestId: 'x' }],
    [{ fileName: '' }],
    [{ fileName: '../talk.mp4' }],
    [{ fileName: '..' }],
    [{ sha256: 'AB' }],
    [{ sizeBytes: -1 }],
    [{ contentType: 'a\nb' }],
  ])('refuses the spec %j', async (changes) => {
    expect(await reasonOf(upload([spec(changes)]))).toBe('INVALID_FIELD');
  });

  it('wants the spec first, and once', async () => {
    expect(await reasonOf(upload([chunk(0, 100)]))).toBe('INVALID_FIELD');
    expect(await reasonOf(upload([spec(), spec()]))).toBe('INVALID_FIELD');
    expect(await reasonOf(upload([]))).toBe('INVALID_FIELD');
  });

  it('forgets unfinished uploads after a day, with their parts, and keeps finished files', async () => {
    await upload([spec(), ...chunks(0, FILE.length, 500)]);
    const other = { requestId: '5f0c1b52-37a2-4b60-9a57-6f0b4d1f8a12' };
    await upload([spec(other), ...chunks(0, 2000, 500)]);
    await uploads.removeExpired();
    expect(largeBlobs()).toBe(3);
    await uploads.removeExpired(Date.now() + (UPLOAD_TTL_SEC + 1) * 1000);
    expect(largeBlobs()).toBe(1);
    expect(isStored(sha256Of(FILE))).toBe(true);
    expect(await reasonOf(getUpload())).toBe('UPLOAD_NOT_FOUND');
  });

  describe('removing a file', () => {
    const name = `media/${sha256Of(FILE)}`;
    const remove = (allowMissing = false) => client.call('deleteMedia', { name, allowMissing });
    const blob = { sha256: sha256Of(FILE), sizeBytes: FILE.length, mediaType: 'video/mp4' };
    beforeEach(async () => {
      await upload([spec(), chunk(0, FILE.length)]);
    });

    it('removes its bytes, once', async () => {
      await remove();
      expect(isStored(blob.sha256)).toBe(false);
      expect(await reasonOf(remove())).toBe('MEDIA_NOT_FOUND');
      await remove(true);
      expect(
        await reasonOf(client.call('deleteMedia', { name: 'media/x', allowMissing: true })),
      ).toBe('INVALID_FIELD');
    });

    it('leaves the bytes to jobs that work on it, though no new job can have it', async () => {
      records = [jobRecord({ source: { blob }, state: 'running' })];
      await remove();
      expect(isStored(blob.sha256)).toBe(true);
      expect(await catalogue.get(blob.sha256)).toBeUndefined();
    });

    it('can be undone by uploading it again', async () => {
      await remove();
      await upload([spec({ requestId: crypto.randomUUID() }), chunk(0, FILE.length)]);
      expect((await catalogue.get(blob.sha256))?.fileName).toBe('talk.mp4');
    });
  });
});
