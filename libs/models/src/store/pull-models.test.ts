import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { AvdError } from '@avd/domain';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ModelManifest } from '../manifest.js';
import { sha256Of } from './digest.js';
import { pullModels } from './pull-models.js';
import type { PullEvent, PullOptions } from './pull-models.js';
import { startModelServer } from './testing/model-server.js';
import type { Behaviour, ModelServer } from './testing/model-server.js';
import { smallContent, smallManifest } from './testing/small-models.js';

const content = smallContent(1, 300_000);
const sha256 = sha256Of(content);
const patience = { firstWaitMs: 1, stallMs: 5000 };

let root = '';
let dir = '';
let events: PullEvent[] = [];
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'avd-pull-'));
  dir = path.join(root, 'cache');
  events = [];
});
afterEach(() => rm(root, { recursive: true, force: true }));

const faces = (url: string, more: object = { sizeBytes: content.length }): ModelManifest =>
  smallManifest(url, { 'faces.model': { content, ...more } });

function pull(manifest: ModelManifest, options: PullOptions = {}): Promise<void> {
  const onEvent = (event: PullEvent): void => void events.push(event);
  return pullModels(manifest.values(), { cacheDir: dir, patience, onEvent, ...options });
}

async function failure(running: Promise<void>): Promise<AvdError> {
  const error: unknown = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AvdError);
  const { message } = error as AvdError;
  expect(message, 'one sentence').toMatch(/^[^\n]*\.$/);
  expect(message, 'one sentence').not.toMatch(/\. [A-Z]/);
  return error as AvdError;
}

async function expectPulled(): Promise<void> {
  expect(await readdir(dir)).toEqual(['faces.model']);
  expect(sha256Of(await readFile(path.join(dir, 'faces.model')))).toBe(sha256);
}

const serve = (...script: Behaviour[]): Promise<ModelServer> =>
  startModelServer({ 'faces.model': content }, script);

describe('pullModels from a server', () => {
  it('goes on where a dropped connection ended', async () => {
    await using server = await serve('drop', 'drop');
    await pull(faces(server.url));
    await expectPulled();
    // What was under way when the connection dropped may be lost.
    const starts = server.requests.map((request) =>
      Number(/bytes=(\d+)-$/.exec(request)?.[1] ?? 0),
    );
    expect(starts).toHaveLength(3);
    expect(starts[0]).toBe(0);
    expect(starts[1]).toBeGreaterThan(0);
    expect(starts[2]).toBeGreaterThan(starts[1]!);
    expect(events.filter(({ type }) => type === 'retry')).toHaveLength(2);
    expect(events.at(-1)).toMatchObject({ type: 'done', path: path.join(dir, 'faces.model') });
  });

  it('starts again with a server that knows no ranges', async () => {
    await using server = await serve('drop', 'whole');
    await pull(faces(server.url));
    await expectPulled();
  });

  it('throws a wrong file away and takes the right one', async () => {
    await using server = await serve('wrong');
    await pull(faces(server.url));
    await expectPulled();
    expect(server.requests).toEqual(['faces.model', 'faces.model']);
  });

  it.each([500, 503, 429, 408])('asks again after HTTP %i', async (status) => {
    await using server = await serve(status);
    await pull(faces(server.url));
    await expectPulled();
  });

  it('ends with verified files whatever happens on the way', async () => {
    await using server = await serve('drop', 500, 'wrong', 'drop whole', 'drop', 'whole');
    await pull(faces(server.url));
    await expectPulled();
  });

  it('does without a stated size', async () => {
    await using server = await serve('drop', 'wrong');
    await pull(faces(server.url, {}));
    await expectPulled();
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({ doneBytes: 300_000, totalBytes: 300_000 });
  });

  it('leaves a server that went silent', async () => {
    await using server = await serve('silent');
    await pull(faces(server.url), { patience: { firstWaitMs: 1, stallMs: 100 } });
    await expectPulled();
    expect(server.requests).toHaveLength(2);
  });

  it('goes on with what a stopped pull left', async () => {
    await using server = await serve('silent');
    const stop = new AbortController();
    const stopped = pull(faces(server.url), {
      signal: stop.signal,
      onEvent: ({ type }) => type === 'progress' && stop.abort(),
    });
    expect(await failure(stopped)).toMatchObject({ kind: 'cancelled' });
    const left = await readdir(dir);
    expect(left).toEqual([expect.stringMatching(/^faces\.model\..*\.part$/)]);
    const { length } = await readFile(path.join(dir, left[0]!));
    expect(length).toBeGreaterThan(0);
    await pull(faces(server.url));
    await expectPulled();
    expect(server.requests.at(-1)).toBe(`faces.model bytes=${length}-`);
  });

  it('takes over the largest part that killed processes left, and no part of a living one', async () => {
    await using server = await serve();
    const host = hostname().replace(/[^\w]/g, '_');
    const dead = [1, 2].map(() => spawnSync(process.execPath, ['-e', '']).pid);
    const living = `faces.model.${host}-${process.ppid}.part`;
    await mkdir(dir);
    await writeFile(
      path.join(dir, `faces.model.${host}-${dead[0]}.part`),
      content.subarray(0, 1000),
    );
    await writeFile(
      path.join(dir, `faces.model.${host}-${dead[1]}.part`),
      content.subarray(0, 2000),
    );
    await writeFile(path.join(dir, living), content.subarray(0, 3000));
    await pull(faces(server.url));
    expect(server.requests).toEqual(['faces.model bytes=2000-']);
    expect((await readdir(dir)).sort()).toEqual(['faces.model', living]);
  });

  it('does not trust what is left of another file', async () => {
    await using server = await serve();
    await mkdir(dir);
    const left = path.join(dir, 'faces.model.elsewhere-1.part');
    await writeFile(left, 'something else');
    await utimes(left, 0, 0);
    await pull(faces(server.url));
    await expectPulled();
    expect(server.requests).toEqual(['faces.model bytes=14-', 'faces.model']);
  });

  it('does not download what is there, and replaces what is not it', async () => {
    await using server = await serve();
    await mkdir(dir);
    await writeFile(path.join(dir, 'faces.model'), 'something else');
    await pull(faces(server.url));
    await expectPulled();
    await pull(faces(server.url));
    expect(server.requests).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ type: 'present' });
  });

  it('finds files put there by hand, under each of their names and in a folder named by the digest', async () => {
    const manifest = faces('https://nowhere.invalid/', { otherNames: ['my_faces.pth'] });
    for (const place of ['my_faces.pth', path.join(sha256, 'faces.model')]) {
      await rm(dir, { recursive: true, force: true });
      await mkdir(path.dirname(path.join(dir, place)), { recursive: true });
      await writeFile(path.join(dir, place), content);
      await pull(manifest);
      expect(events.at(-1)).toMatchObject({ type: 'present', path: path.join(dir, place) });
    }
  });

  it('downloads a file once for callers at the same time, also when the first one stops', async () => {
    await using server = await serve();
    const manifest = faces(server.url);
    const stop = new AbortController();
    const first = pull(manifest, { signal: stop.signal });
    const others = [pull(manifest), pull(manifest), pull(manifest)];
    stop.abort();
    await expect(first).rejects.toMatchObject({ kind: 'cancelled' });
    await Promise.all(others);
    await expectPulled();
    expect(server.requests).toHaveLength(1);
  });

  it('lets several processes pull into one folder', async () => {
    await using server = await serve('drop', 'drop', 'drop');
    const manifest = { url: server.url, sha256, sizeBytes: content.length };
    const program = `
      const { pullModels } = await import(${JSON.stringify(pathToFileURL(path.resolve('dist/index.js')).href)});
      const { url, ...file } = ${JSON.stringify(manifest)};
      const weights = { name: 'faces.model', otherNames: [], origin: { url: url + 'faces.model' }, ...file };
      await pullModels([{ name: 'faces', weights }], { cacheDir: ${JSON.stringify(dir)}, patience: { firstWaitMs: 1 } });`;
    const exitCodes = await Promise.all(
      [1, 2].map(
        () =>
          new Promise((resolve) => {
            const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
              stdio: ['ignore', 'inherit', 'inherit'],
            });
            child.on('exit', resolve);
          }),
      ),
    );
    expect(exitCodes).toEqual([0, 0]);
    await expectPulled();
  });
});

describe('pullModels when it cannot be done', () => {
  const target = (): string => path.join(dir, 'faces.model');

  it('says which file to copy where without a connection', async () => {
    const server = await serve();
    await server[Symbol.asyncDispose]();
    const error = await failure(pull(faces(server.url)));
    expect(error).toMatchObject({ kind: 'unavailable', reason: 'MODEL_SERVER_UNREACHABLE' });
    expect(error.message).toContain(`copy the file of ${server.url}faces.model to ${target()}`);
    expect(error.message).toContain('AVD_MODEL_MIRROR');
  });

  it('says so when the server has no such file', async () => {
    await using server = await startModelServer({});
    const error = await failure(pull(faces(server.url)));
    expect(error).toMatchObject({ kind: 'notFound', reason: 'MODEL_URL_GONE' });
    expect(error.message).toContain(target());
    expect(server.requests).toHaveLength(1);
  });

  it('says so when the server refuses, at once or again and again', async () => {
    for (const [status, requests] of [
      [403, 1],
      [500, 5],
    ] as const) {
      await using server = await serve(...Array<Behaviour>(9).fill(status));
      const error = await failure(pull(faces(server.url)));
      expect(error).toMatchObject({ kind: 'unavailable', reason: 'MODEL_SERVER_REFUSED' });
      expect(error.message).toContain(`HTTP ${status}`);
      expect(server.requests).toHaveLength(requests);
    }
  });

  it('gives up a server that always breaks off at the same place', async () => {
    await using server = await serve(...Array<Behaviour>(20).fill('drop whole'));
    expect(await failure(pull(faces(server.url)))).toMatchObject({
      kind: 'unavailable',
      reason: 'MODEL_DOWNLOAD_BROKEN',
    });
    expect(server.requests.length).toBeLessThan(10);
  });

  it('names both digests of a file that stays wrong, and keeps nothing of it', async () => {
    await using server = await serve(...Array<Behaviour>(9).fill('wrong'));
    const error = await failure(pull(faces(server.url)));
    expect(error).toMatchObject({ kind: 'model', reason: 'MODEL_WRONG_DIGEST' });
    expect(error.message).toContain(sha256.slice(0, 16));
    expect(server.requests).toHaveLength(3);
    expect(await readdir(dir)).toEqual([]);
  });

  it('does not read a file that is larger than it should be', async () => {
    await using server = await serve('huge', 'huge', 'huge');
    expect(await failure(pull(faces(server.url)))).toMatchObject({ reason: 'MODEL_WRONG_DIGEST' });
  });

  it('says how much space is missing before it fills the disk', async () => {
    await using server = await serve('huge');
    const error = await failure(pull(faces(server.url, { sizeBytes: 2 ** 53 - 1 })));
    expect(error).toMatchObject({ kind: 'resourceExhausted', reason: 'DISK_FULL' });
    expect(error.message).toContain(dir);
  });

  it('names a folder that cannot be made', async () => {
    await writeFile(path.join(root, 'a-file'), '');
    const running = pull(faces('https://nowhere.invalid/'), {
      cacheDir: path.join(root, 'a-file', 'x'),
    });
    expect(await failure(running)).toMatchObject({ reason: 'NOT_A_FOLDER' });
  });
});

describe('pullModels with a mirror', () => {
  const official = 'https://nowhere.invalid/';
  const mirrorDir = (): string => path.join(root, 'mirror');

  it.each(['faces.model', 'other.pth', `${sha256}/faces.model`])(
    'copies %s out of a folder',
    async (name) => {
      const source = path.join(mirrorDir(), name);
      await mkdir(path.dirname(source), { recursive: true });
      await writeFile(source, content);
      const manifest = faces(official, { otherNames: ['other.pth'] });
      await pull(manifest, { mirror: pathToFileURL(mirrorDir()).href });
      await expectPulled();
    },
  );

  it('says what the folder lacks, and does not go to the publisher then', async () => {
    await mkdir(mirrorDir());
    const error = await failure(pull(faces(official), { mirror: mirrorDir() }));
    expect(error).toMatchObject({ kind: 'notFound', reason: 'MODEL_NOT_IN_MIRROR' });
    expect(error.message).toContain(mirrorDir());
  });

  it('refuses a damaged file of the folder', async () => {
    await mkdir(mirrorDir());
    await writeFile(path.join(mirrorDir(), 'faces.model'), content.subarray(1));
    const error = await failure(pull(faces(official), { mirror: mirrorDir() }));
    expect(error).toMatchObject({ kind: 'model', reason: 'MODEL_WRONG_DIGEST' });
    expect(await readdir(dir)).toEqual([]);
  });

  it.each(['faces.model', `${sha256}/faces.model`])('downloads %s of a server', async (name) => {
    await using server = await startModelServer({ [`m/${name}`]: content }, ['drop']);
    await pull(faces(official), { mirror: `${server.url}m` });
    await expectPulled();
  });

  it('is named by AVD_MODEL_MIRROR', async () => {
    await using server = await serve();
    process.env['AVD_MODEL_MIRROR'] = server.url;
    try {
      await pull(faces(official));
    } finally {
      delete process.env['AVD_MODEL_MIRROR'];
    }
    await expectPulled();
  });

  it.each(['ftp://example.org/models', 'file://server/share', 'http://me:secret@example.org/'])(
    'cannot be %s',
    async (mirror) => {
      const error = await failure(pull(faces(official), { mirror }));
      expect(error).toMatchObject({ kind: 'invalidInput', reason: 'BAD_MIRROR' });
      expect(error.message).not.toContain('secret');
    },
  );
});
