import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { AvdError } from '@avd/domain';
import { parseManifest } from '@avd/models';
import type { ModelManifest } from '@avd/models';
import { hasShared, runTool, sharedDir } from '@avd/testing';
import type { ToolResult } from '@avd/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { modelsCommand } from './commands/models.js';

const cli = fileURLToPath(new URL('../bin/avd.js', import.meta.url));
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-models-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Runs `avd models` inside this process, as main.ts does. */
async function models(
  args: readonly string[],
  mirror = '',
  manifest?: ModelManifest,
): Promise<ToolResult> {
  let stdout = '';
  let stderr = '';
  vi.stubEnv('AVD_MODEL_MIRROR', mirror);
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
  try {
    const { signal } = new AbortController();
    const exitCode = await modelsCommand([...args, '--ckpt_dir', dir], signal, manifest);
    return { exitCode, stdout, stderr };
  } catch (error) {
    const { message, exitCode } = AvdError.from(error);
    return { exitCode, stdout, stderr: `${stderr}avd: ${message}\n` };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}

describe('avd models', () => {
  it('lists what there is, as a table and as JSON', async () => {
    const { stdout } = await models(['list']);
    expect(stdout).toMatch(/^s3fd +voxconverse +not pulled +89\.8 MB +MIT +finds faces/m);
    expect(stdout).toMatch(/^blazeface +lite +included/m);
    expect(stdout).toContain(`To fetch: avd models pull voxconverse --ckpt-dir ${dir}\n`);
    const list = JSON.parse((await models(['list', '--json', 'modern'])).stdout) as unknown[];
    expect(list).toContainEqual(
      expect.objectContaining({ name: 'yunet', format: 'onnx', status: { state: 'missing' } }),
    );
  });

  it('is a command of avd', async () => {
    const result = await runTool(process.execPath, [cli, 'models', 'where', '--ckpt-dir', dir]);
    expect(result).toEqual({ exitCode: 0, stdout: `${dir}\n`, stderr: '' });
  });

  it('has nothing to fetch for lite', async () => {
    expect(await models(['pull', 'lite'])).toMatchObject({
      exitCode: 0,
      stdout: 'Nothing to do: these models come with the installation.\n',
    });
  });

  it.each([
    [[], 2, 'avd models needs one of list, pull, verify, convert, where, remove'],
    [['fetch'], 2, 'There is no "avd models fetch"'],
    [['toString'], 2, 'There is no "avd models toString"'],
    [['pull', '--json'], 2, '--json is for avd models list only'],
    [['pull', 'yolo'], 6, 'There is no model yolo; known models: silero-vad,'],
    [['remove'], 2, 'avd models remove needs'],
    [['verify', 's3fd'], 4, 'run: avd models pull s3fd --ckpt-dir'],
    [['where', 's3fd'], 4, 'The model s3fd is not on this computer yet; run: avd models pull vox'],
  ])('answers %j with code %i', async (args, exitCode, message) => {
    const result = await models(args);
    expect(result.exitCode).toBe(exitCode);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says what to copy where when a mirror lacks the file', async () => {
    const mirror = await mkdtemp(path.join(dir, 'mirror-'));
    const { exitCode, stderr } = await models(['pull', 'yunet'], mirror);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      `The folder ${mirror} of AVD_MODEL_MIRROR has no yunet_n_dynamic.onnx`,
    );
  });

  it.skipIf(!hasShared)('pulls, converts, finds, verifies and removes', async () => {
    const weights = path.join(sharedDir, 'models');
    const pulled = await models(['pull', 'modern'], weights);
    expect(pulled).toMatchObject({ exitCode: 0, stdout: `Ready in ${dir}: lr-asd-ava, yunet\n` });
    expect(pulled.stderr).toContain('pretrain_AVA.model: done, verified\n');
    const where = (await models(['where', 'yunet', 'lr-asd-ava'])).stdout.trim().split('\n');
    expect(where).toEqual([
      path.join(dir, 'yunet_n_dynamic.onnx'),
      expect.stringMatching(/onnx\/lr-asd-ava-\w+-\w+\.onnx$/),
    ]);
    expect((await models(['verify', 'yunet', 'lr-asd-ava'])).exitCode).toBe(0);
    expect((await models(['list'])).stdout).toMatch(/^lr-asd-ava +modern +ready/m);

    await writeFile(path.join(dir, 'yunet_n_dynamic.onnx'), 'damaged');
    const verified = await models(['verify']);
    expect(verified.exitCode).toBe(6);
    expect(verified.stdout).toContain(`DAMAGED  ${path.join(dir, 'yunet_n_dynamic.onnx')}\n`);
    expect(verified.stderr).toContain('run: avd models pull yunet');
    expect((await models(['where', 'yunet'])).exitCode).toBe(6);
    expect((await models(['pull', 'yunet'], weights)).exitCode).toBe(0);
    expect((await models(['verify'])).exitCode).toBe(0);

    expect((await models(['remove', 'all'])).exitCode).toBe(0);
    expect(await readdir(path.join(dir, 'onnx'))).toEqual([]);
    expect(await readdir(dir)).toEqual(['onnx']);
  });
});

describe('avd models pull voxconverse from a bad server', () => {
  const files = { 's3fd.onnx': Buffer.alloc(200_000, 'face'), 'syncnet.onnx': Buffer.from('lips') };
  const manifestOf = (url: string): ModelManifest =>
    parseManifest(
      JSON.stringify({
        formatVersion: 1,
        files: Object.fromEntries(
          Object.entries(files).map(([name, content]) => {
            const sha256 = createHash('sha256').update(content).digest('hex');
            return [name, { url: url + name, sha256, licence: 'MIT', source: 'a test' }];
          }),
        ),
        models: Object.fromEntries(
          Object.keys(files).map((file) => [
            file.split('.')[0]!,
            { task: 'a test', profiles: ['voxconverse'], file, inputs: {}, outputs: {} },
          ]),
        ),
      }),
    );

  it('ends with verified files after a broken connection and a wrong file', async () => {
    let requestCount = 0;
    const server = createServer((request, response) => {
      const content = files[request.url!.slice(1) as keyof typeof files];
      requestCount++;
      if (requestCount === 1) {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 100_000), () => response.destroy());
      } else {
        response.end(requestCount === 2 ? Buffer.alloc(content.length) : content);
      }
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const manifest = manifestOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      const pulled = await models(['pull', 'voxconverse'], '', manifest);
      expect(pulled).toMatchObject({ exitCode: 0, stdout: `Ready in ${dir}: s3fd, syncnet\n` });
      expect(pulled.stderr).toContain(
        's3fd.onnx: the connection was lost; trying again in 0.5 s\n',
      );
      expect(pulled.stderr).toContain(
        's3fd.onnx: the file is another one; trying again in 1.0 s\n',
      );
      expect((await models(['verify', 'voxconverse'], '', manifest)).exitCode).toBe(0);
    } finally {
      server.close();
    }
    for (const [name, content] of Object.entries(files)) {
      expect((await readFile(path.join(dir, name))).equals(content)).toBe(true);
    }
    expect(requestCount).toBe(4);
  });
});
