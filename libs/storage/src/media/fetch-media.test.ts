import { createHash } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentDigest } from '@avd/media';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memoryBlobStore } from '../memory-blob-store.js';
import { awsS3Objects } from '../s3/aws-s3-objects.js';
import { type MediaTestServer, startMediaTestServer } from '../testing/media-server.js';
import { startS3TestServer } from '../testing/s3-server.js';
import { fetchMedia, type FetchMediaOptions } from './fetch-media.js';
import { httpOrigin } from './http-origin.js';

const MEDIUM = Buffer.from(Array.from({ length: 500_000 }, (_, index) => (index * index) >>> 3));
const DIGEST = createHash('sha256').update(MEDIUM).digest('hex');

let workDir: string;
let rootDir: string;
let server: MediaTestServer;
let options: FetchMediaOptions;
beforeEach(async () => {
  const dir = await realpath(await mkdtemp(path.join(tmpdir(), 'avd-media-')));
  workDir = path.join(dir, 'work');
  rootDir = path.join(dir, 'videos');
  await mkdir(rootDir);
  server = await startMediaTestServer();
  options = {
    workDir,
    allowedHosts: [server.host],
    allowPrivateAddresses: true,
    retryDelayMs: 1,
  };
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(path.dirname(workDir), { recursive: true, force: true });
});

const cached = async (): Promise<string[]> =>
  (await readdir(path.join(workDir, 'media'))).filter((name) => name.length === 64).sort();
const partials = (): Promise<string[]> => readdir(path.join(workDir, 'media', 'partial'));
const failure = async (uri: string, more: Partial<FetchMediaOptions> = {}): Promise<unknown> =>
  fetchMedia(uri, { ...options, ...more }).then(
    () => expect.fail('fetched'),
    (error: unknown) => error,
  );

describe('fetchMedia of file://', () => {
  it('gives the file itself, with the digest that libs/media has for it', async () => {
    const file = path.join(rootDir, 'a film.mp4');
    await writeFile(file, MEDIUM);
    const medium = await fetchMedia(pathToFileURL(file).href, { workDir, allowedRoots: [rootDir] });
    expect(medium).toMatchObject({ path: file, sha256: DIGEST, displayName: 'a film.mp4' });
    expect(medium.sha256).toBe(await contentDigest(file));
  });

  it('notices that a file has changed since', async () => {
    const file = path.join(rootDir, 'film.mp4');
    const uri = pathToFileURL(file).href;
    await writeFile(file, MEDIUM);
    await fetchMedia(uri, { workDir, allowedRoots: [rootDir] });
    await writeFile(file, 'other');
    const again = await fetchMedia(uri, { workDir, allowedRoots: [rootDir] });
    expect(again.sha256).toBe(createHash('sha256').update('other').digest('hex'));
    expect(await failure(uri, { allowedRoots: [rootDir], sha256: DIGEST })).toMatchObject({
      kind: 'precondition',
      reason: 'MEDIA_CHANGED',
    });
  });

  it('refuses what is outside the allowed folders, whether it is there or not', async () => {
    const outside = path.join(path.dirname(rootDir), 'videos-private');
    await mkdir(outside);
    await writeFile(path.join(outside, 'secret.mp4'), MEDIUM);
    const named = [
      pathToFileURL(path.join(outside, 'secret.mp4')).href,
      pathToFileURL(path.join(outside, 'missing.mp4')).href,
      `${pathToFileURL(rootDir).href}/../videos-private/secret.mp4`,
      `${pathToFileURL(rootDir).href}/%2e%2e/videos-private/secret.mp4`,
      pathToFileURL(rootDir).href,
    ];
    for (const uri of named) {
      expect(await failure(uri, { allowedRoots: [rootDir] })).toMatchObject({
        kind: 'permissionDenied',
        reason: 'MEDIA_URI_NOT_ALLOWED',
      });
    }
    expect(await failure(named[0]!)).toMatchObject({ reason: 'MEDIA_URI_NOT_ALLOWED' });
  });

  it('refuses links that lead out, and follows those that stay inside', async () => {
    await writeFile(path.join(rootDir, 'film.mp4'), MEDIUM);
    await symlink(path.join(rootDir, 'film.mp4'), path.join(rootDir, 'link.mp4'));
    await writeFile(path.join(path.dirname(rootDir), 'secret.mp4'), MEDIUM);
    await symlink('../secret.mp4', path.join(rootDir, 'out.mp4'));
    await symlink(path.dirname(rootDir), path.join(rootDir, 'folder'));
    const uriOf = (name: string): string => pathToFileURL(path.join(rootDir, name)).href;
    const allowedRoots = [rootDir];
    const inside = await fetchMedia(uriOf('link.mp4'), { workDir, allowedRoots });
    expect(inside.path).toBe(path.join(rootDir, 'film.mp4'));
    for (const name of ['out.mp4', 'folder/secret.mp4']) {
      expect(await failure(uriOf(name), { allowedRoots })).toMatchObject({
        reason: 'MEDIA_URI_NOT_ALLOWED',
      });
    }
  });

  it('works when the allowed folder is itself a link', async () => {
    await writeFile(path.join(rootDir, 'film.mp4'), MEDIUM);
    const link = path.join(path.dirname(rootDir), 'link');
    await symlink(rootDir, link);
    const uri = pathToFileURL(path.join(link, 'film.mp4')).href;
    expect((await fetchMedia(uri, { workDir, allowedRoots: [link] })).sha256).toBe(DIGEST);
  });

  it('says which file is missing', async () => {
    const uri = pathToFileURL(path.join(rootDir, 'missing.mp4')).href;
    expect(await failure(uri, { allowedRoots: [rootDir] })).toMatchObject({
      kind: 'notFound',
      reason: 'MEDIA_NOT_FOUND',
    });
  });
});

describe('fetchMedia of http://', () => {
  it('downloads into workDir/media and gives a readable name', async () => {
    server.files.set('/a/My%20film.mp4', { bytes: MEDIUM });
    const progress: number[] = [];
    const medium = await fetchMedia(`${server.origin}/a/My%20film.mp4?token=1`, {
      ...options,
      onProgress: ({ doneBytes, totalBytes }) => progress.push(doneBytes / totalBytes!),
    });
    expect(medium.displayName).toBe('My film.mp4');
    expect(medium.sha256).toBe(DIGEST);
    expect(medium.path).toBe(path.join(workDir, 'media', DIGEST));
    expect(Buffer.compare(await readFile(medium.path), MEDIUM)).toBe(0);
    expect(progress.at(-1)).toBe(1);
    expect(await partials()).toEqual([]);
  });

  it('asks the source again and downloads only a new version', async () => {
    server.files.set('/film', { bytes: MEDIUM, etag: '"v1"' });
    const uri = `${server.origin}/film`;
    await fetchMedia(uri, options);
    expect((await fetchMedia(uri, options)).sha256).toBe(DIGEST);
    expect(server.requests[1]?.headers['if-none-match']).toBe('"v1"');
    server.files.set('/film', { bytes: Buffer.from('new'), etag: '"v2"' });
    expect((await fetchMedia(uri, options)).sha256).not.toBe(DIGEST);
  });

  it('does not ask the source when the digest is known and there', async () => {
    server.files.set('/film', { bytes: MEDIUM });
    const uri = `${server.origin}/film`;
    await fetchMedia(uri, options);
    const again = await fetchMedia(uri, { ...options, sha256: DIGEST });
    expect(again.sha256).toBe(DIGEST);
    expect(server.requests).toHaveLength(1);
  });

  it('refuses other bytes than the job began with, and keeps none of them', async () => {
    server.files.set('/film', { bytes: MEDIUM, etag: '"v1"' });
    const error = await failure(`${server.origin}/film`, { sha256: 'a'.repeat(64) });
    expect(error).toMatchObject({ kind: 'precondition', reason: 'MEDIA_CHANGED' });
    expect(await cached()).toEqual([]);
    expect(await partials()).toEqual([]);
  });

  it.each([
    ['an ETag', { etag: '"v1"' }, 'v1'],
    ['a date', { lastModified: 'Sun, 22 Nov 2026 10:00:00 GMT' }, 'Nov'],
  ])('goes on where the connection broke, by %s', async (_name, validator, sent) => {
    const bytes = MEDIUM;
    server.files.set('/film', { bytes, ...validator, cutAfterBytes: [100_000, 50_000, 0] });
    expect((await fetchMedia(`${server.origin}/film`, options)).sha256).toBe(DIGEST);
    expect(server.requests).toHaveLength(4);
    for (const { headers } of server.requests.slice(1)) {
      expect(headers.range).toMatch(/^bytes=[1-9]\d*-$/);
      expect(headers['if-range']).toContain(sent);
    }
  });

  it('begins again when the source cannot name its version', async () => {
    server.files.set('/film', { bytes: MEDIUM, etag: 'W/"v1"', cutAfterBytes: [100_000] });
    expect((await fetchMedia(`${server.origin}/film`, options)).sha256).toBe(DIGEST);
    expect(server.requests[1]?.headers.range).toBeUndefined();
  });

  it('begins again with a version that appeared in between', async () => {
    const file = { bytes: Buffer.alloc(400_000, 1), etag: '"v1"', cutAfterBytes: [100_000] };
    server.files.set('/film', file);
    await fetchMedia(`${server.origin}/film`, {
      ...options,
      onProgress: () => server.files.set('/film', { bytes: MEDIUM, etag: '"v2"' }),
    });
    expect(await cached()).toEqual([DIGEST]);
  });

  it('goes on with what an earlier fetch left behind when it was stopped', async () => {
    const stop = new AbortController();
    server.files.set('/film', { bytes: MEDIUM, etag: '"v1"', stallAfterBytes: 200_000 });
    const uri = `${server.origin}/film`;
    const error = await failure(uri, {
      signal: stop.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes === 200_000) stop.abort();
      },
    });
    expect(error).toMatchObject({ kind: 'cancelled' });
    expect(await partials()).toHaveLength(1);
    server.files.set('/film', { bytes: MEDIUM, etag: '"v1"' });
    expect((await fetchMedia(uri, options)).sha256).toBe(DIGEST);
    expect(server.requests.at(-1)?.headers.range).toBe('bytes=200000-');
    expect(await partials()).toEqual([]);
  });

  it('begins again when what was left is longer than the medium now is', async () => {
    server.files.set('/film', { bytes: Buffer.concat([MEDIUM, MEDIUM]), etag: '"v1"' });
    const uri = `${server.origin}/film`;
    const stop = new AbortController();
    await failure(uri, {
      signal: stop.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes > MEDIUM.length) stop.abort();
      },
    });
    server.files.set('/film', { bytes: MEDIUM, etag: '"v1"' });
    expect((await fetchMedia(uri, options)).sha256).toBe(DIGEST);
  });

  it('gives up after some failures in a row', async () => {
    server.files.set('/film', { bytes: MEDIUM, statusCode: 503 });
    expect(await failure(`${server.origin}/film`)).toMatchObject({
      kind: 'unavailable',
      reason: 'MEDIA_UNAVAILABLE',
    });
    expect(server.requests).toHaveLength(5);
  });

  it('gives up when every connection breaks at the same place', async () => {
    server.files.set('/film', { bytes: MEDIUM, cutAfterBytes: Array(50).fill(1000) as number[] });
    expect(await failure(`${server.origin}/film`)).toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
  });

  it('gives up on a silent server', async () => {
    server.files.set('/film', { bytes: MEDIUM, stallAfterBytes: 1000 });
    const error = await failure(`${server.origin}/film`, { idleTimeoutSec: 0.05 });
    expect(error).toMatchObject({ reason: 'MEDIA_UNAVAILABLE' });
  });

  it('takes no medium that is too large, whether the source says so or not', async () => {
    server.files.set('/film', { bytes: MEDIUM });
    server.files.set('/chunked', { bytes: MEDIUM, isChunked: true });
    for (const name of ['film', 'chunked']) {
      const error = await failure(`${server.origin}/${name}`, { maxMediaBytes: 499_999 });
      expect(error).toMatchObject({ kind: 'invalidInput', reason: 'MEDIA_TOO_LARGE' });
    }
    expect(await partials()).toEqual([]);
    await fetchMedia(`${server.origin}/chunked`, { ...options, maxMediaBytes: 500_000 });
  });

  it.each([
    [404, 'MEDIA_NOT_FOUND'],
    [410, 'MEDIA_NOT_FOUND'],
    [401, 'MEDIA_ACCESS_DENIED'],
    [403, 'MEDIA_ACCESS_DENIED'],
    [429, 'MEDIA_UNAVAILABLE'],
    [418, 'MEDIA_REFUSED'],
  ])('maps status %i to %s without showing the query', async (statusCode, reason) => {
    server.files.set('/film', { bytes: MEDIUM, statusCode });
    const error = await failure(`${server.origin}/film?token=secret`);
    expect(error).toMatchObject({ reason });
    expect((error as Error).message).not.toContain('secret');
  });

  it('lets many in this process share one download', async () => {
    server.files.set('/film', { bytes: MEDIUM, etag: '"v1"' });
    const uri = `${server.origin}/film`;
    const media = await Promise.all(Array.from({ length: 5 }, () => fetchMedia(uri, options)));
    expect(new Set(media.map((medium) => medium.path)).size).toBe(1);
    const whole = server.requests.filter(({ headers }) => !('if-none-match' in headers));
    expect(whole).toHaveLength(1);
  });
});

describe('the guard of fetchMedia', () => {
  it('allows only listed hosts, on the web ports unless a port is listed', async () => {
    const reason = 'MEDIA_HOST_NOT_ALLOWED';
    const allowedHosts = ['media.example.org', '*.cdn.example.org'];
    const resolveHost = (): Promise<never> => Promise.reject(new Error('resolved'));
    const refused = [
      'https://example.org/a',
      'https://media.example.org.evil.test/a',
      'https://media.example.org:8443/a',
      'https://cdn.example.org/a',
      'https://evilcdn.example.org/a',
      `${server.origin}/a`,
    ];
    for (const uri of refused) {
      expect(await failure(uri, { allowedHosts, resolveHost })).toMatchObject({ reason });
    }
    expect(await failure('https://example.org/a', { allowedHosts: [] })).toMatchObject({ reason });
    for (const uri of ['https://MEDIA.example.org/a', 'http://x.cdn.example.org/a']) {
      expect(await failure(uri, { allowedHosts, resolveHost })).toMatchObject({
        reason: 'MEDIA_UNAVAILABLE',
      });
    }
  });

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/',
  ])('refuses the private address of %s', async (uri) => {
    const error = await failure(uri, { allowedHosts: ['*'], allowPrivateAddresses: false });
    expect(error).toMatchObject({ kind: 'permissionDenied', reason: 'MEDIA_ADDRESS_NOT_ALLOWED' });
  });

  it('refuses a name when any of its addresses is private', async () => {
    const error = await failure('http://media.example.org/a', {
      allowedHosts: ['media.example.org'],
      allowPrivateAddresses: false,
      resolveHost: async () => [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ],
    });
    expect(error).toMatchObject({ reason: 'MEDIA_ADDRESS_NOT_ALLOWED' });
  });

  it('connects to the address it checked, and does not ask for the name again', async () => {
    server.files.set('/film', { bytes: MEDIUM });
    let lookups = 0;
    const { port } = new URL(server.origin);
    const medium = await fetchMedia(`http://media.invalid:${port}/film`, {
      ...options,
      allowedHosts: [`media.invalid:${port}`],
      resolveHost: async () => {
        lookups += 1;
        return [{ address: '127.0.0.1', family: 4 }];
      },
    });
    expect(medium.sha256).toBe(DIGEST);
    expect(lookups).toBe(1);
    expect(server.requests[0]?.headers.host).toBe(`media.invalid:${port}`);
  });

  it('follows redirects to allowed places', async () => {
    server.files.set('/old', { bytes: MEDIUM, location: '/older' });
    server.files.set('/older', { bytes: MEDIUM, location: `${server.origin}/film` });
    server.files.set('/film', { bytes: MEDIUM });
    expect((await fetchMedia(`${server.origin}/old`, options)).sha256).toBe(DIGEST);
  });

  it.each([
    ['http://elsewhere.example.org/film', 'MEDIA_HOST_NOT_ALLOWED'],
    ['file:///etc/passwd', 'MEDIA_REDIRECT_INVALID'],
    ['http://', 'MEDIA_REDIRECT_INVALID'],
    ['/film', 'MEDIA_REDIRECT_INVALID'],
    ['http://user:secret@media.example.org/', 'MEDIA_URI_INVALID'],
  ])('checks a redirect to %s again', async (location, reason) => {
    server.files.set('/film', { bytes: MEDIUM, location });
    const error = await failure(`${server.origin}/film`);
    expect(error).toMatchObject({ reason });
    expect((error as Error).message).not.toContain('secret');
  });

  it('checks the address of a redirect again', async () => {
    server.files.set('/film', { bytes: MEDIUM, location: 'http://inner.example.org/' });
    // A test can only reach loopback, so private addresses are allowed for the first hop alone.
    const policy = {
      allowedHosts: [server.host, 'inner.example.org'],
      resolveHost: async () => [{ address: '10.0.0.1', family: 4 }],
      get allowPrivateAddresses(): boolean {
        return server.requests.length === 0;
      },
    };
    const uri = new URL(`${server.origin}/film`);
    const opening = httpOrigin(uri, policy).open({ startByte: 0 }, new AbortController().signal);
    await expect(opening).rejects.toMatchObject({ reason: 'MEDIA_ADDRESS_NOT_ALLOWED' });
  });

  it.each(['ftp://host/film', 'film.mp4', 'data:video/mp4,x', 'blob:sha256/../x', 's3://bucket'])(
    'says that %s is no address of a medium',
    async (uri) => {
      expect(await failure(uri)).toMatchObject({
        kind: 'invalidInput',
        reason: 'MEDIA_URI_INVALID',
      });
    },
  );
});

describe('fetchMedia of blob: and s3://', () => {
  it('streams an uploaded medium out of the blob store once', async () => {
    const blobs = memoryBlobStore();
    await blobs.put(MEDIUM, 'video/mp4');
    const uri = `blob:sha256/${DIGEST}`;
    const medium = await fetchMedia(uri, { workDir, blobs });
    expect(medium).toMatchObject({ sha256: DIGEST, path: path.join(workDir, 'media', DIGEST) });
    await blobs.delete(DIGEST);
    expect((await fetchMedia(uri, { workDir, blobs })).path).toBe(medium.path);
  });

  it('refuses missing and damaged blobs', async () => {
    const kept = new Map<string, Uint8Array>();
    const blobs = memoryBlobStore({ blobs: kept });
    const uri = `blob:sha256/${DIGEST}`;
    expect(await failure(uri, { blobs })).toMatchObject({ reason: 'MEDIA_NOT_FOUND' });
    kept.set(DIGEST, Buffer.from('other bytes'));
    expect(await failure(uri, { blobs })).toMatchObject({ reason: 'BLOB_DAMAGED' });
    expect(await failure(uri)).toMatchObject({ reason: 'MEDIA_URI_NOT_ALLOWED' });
    expect(await cached()).toEqual([]);
  });

  it('downloads from an allowed bucket, going on after a broken connection', async () => {
    await using s3Server = await startS3TestServer(['media', 'private']);
    s3Server.objects.set('media/a film.mp4', { bytes: MEDIUM, contentType: 'x', metadata: {} });
    const before = { ...process.env };
    process.env['AWS_ACCESS_KEY_ID'] = 'test';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test';
    try {
      const s3 = {
        allowedBuckets: ['media'],
        openBucket: (bucket: string) => awsS3Objects({ bucket, endpoint: s3Server.endpoint }),
      };
      s3Server.faults.cutBodiesAfterBytes.push(100_000);
      const medium = await fetchMedia('s3://media/a%20film.mp4', { ...options, s3 });
      expect(medium).toMatchObject({ sha256: DIGEST, displayName: 'a film.mp4' });
      // Now only asked whether it is still the same.
      const again = await fetchMedia('s3://media/a%20film.mp4', { ...options, s3 });
      expect(again.path).toBe(medium.path);
      const methods = s3Server.requests.map((line) => line.split(' ')[0]);
      expect(methods).toEqual(['GET', 'GET', 'HEAD']);
      expect(await failure('s3://media/missing', { s3 })).toMatchObject({
        reason: 'MEDIA_NOT_FOUND',
      });
      expect(await failure('s3://private/x', { s3 })).toMatchObject({
        reason: 'MEDIA_URI_NOT_ALLOWED',
      });
    } finally {
      process.env = before;
    }
  });
});

describe('the cache of fetchMedia', () => {
  const fetchFilm = async (index: number, maxCacheBytes: number) => {
    server.files.set(`/${index}`, { bytes: Buffer.alloc(1000, index) });
    return fetchMedia(`${server.origin}/${index}`, { ...options, maxCacheBytes });
  };

  it('removes what was unused longest, but nothing that is in use', async () => {
    const first = await fetchFilm(1, 2000);
    const second = await fetchFilm(2, 2000);
    await second[Symbol.asyncDispose]();
    const third = await fetchFilm(3, 2000);
    expect(await cached()).toEqual([first.sha256, third.sha256].sort());
    await first[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    const fourth = await fetchFilm(4, 1000);
    expect(await cached()).toEqual([third.sha256, fourth.sha256].sort());
  });

  it('keeps a file until its last user has released it', async () => {
    const first = await fetchFilm(1, 1000);
    const firstAgain = await fetchMedia(`${server.origin}/1`, options);
    await first[Symbol.asyncDispose]();
    await fetchFilm(2, 1000);
    expect(await cached()).toContain(firstAgain.sha256);
    await firstAgain[Symbol.asyncDispose]();
    await fetchFilm(3, 1000);
    expect(await cached()).not.toContain(firstAgain.sha256);
  });
});
