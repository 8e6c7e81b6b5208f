import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultCacheDir } from './cache-dir.js';
import { locateModel } from './locate-model.js';
import { modelManifest } from './manifest.js';

let cacheDir = '';
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'avd-models-'));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

const sha256Of = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

describe('locateModel', () => {
  it.each([...modelManifest.keys()])(
    'finds %s with the content the manifest states',
    async (name) => {
      const located = await locateModel(name, { cacheDir });
      const entry = modelManifest.get(name);
      expect(located.sha256).toBe(entry?.weights.sha256);
      expect(await sha256Of(located.path)).toBe(entry?.tfjs?.onnxSha256 ?? entry?.weights.sha256);
    },
  );

  it('uses a converted file again', async () => {
    const first = await locateModel('blazeface', { cacheDir });
    const before = await stat(first.path);
    const second = await locateModel('blazeface', { cacheDir });
    expect(second.path).toBe(first.path);
    expect((await stat(second.path)).ino).toBe(before.ino);
  });

  it('converts again when the cached file is damaged', async () => {
    const { path: file } = await locateModel('blazeface', { cacheDir });
    await writeFile(file, 'half a file');
    await locateModel('blazeface', { cacheDir });
    expect(await sha256Of(file)).toBe(modelManifest.get('blazeface')?.tfjs?.onnxSha256);
  });

  it('lets several callers convert at once and leaves no partial files', async () => {
    const emptyDir = path.join(cacheDir, 'new');
    const all = await Promise.all(
      Array.from({ length: 4 }, () => locateModel('blazeface', { cacheDir: emptyDir })),
    );
    expect(new Set(all.map((located) => located.path)).size).toBe(1);
    expect(await readdir(emptyDir)).toHaveLength(1);
  });

  it('names the models it knows when asked for another', async () => {
    await expect(locateModel('yolo')).rejects.toMatchObject({
      kind: 'model',
      reason: 'MODEL_UNKNOWN',
      message: expect.stringContaining('silero-vad') as string,
    });
  });

  it('says which folder cannot be written', async () => {
    const file = path.join(cacheDir, 'a-file');
    await writeFile(file, '');
    await expect(locateModel('blazeface', { cacheDir: path.join(file, 'x') })).rejects.toThrow();
  });
});

describe('defaultCacheDir', () => {
  it('follows XDG_CACHE_HOME', () => {
    const before = process.env['XDG_CACHE_HOME'];
    process.env['XDG_CACHE_HOME'] = '/somewhere';
    expect(defaultCacheDir()).toBe(path.join('/somewhere', 'avd', 'onnx'));
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  });
});
