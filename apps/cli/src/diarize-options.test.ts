import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { modelManifest, selectModels } from '@avd/models';
import { planVideo, PROFILES, requiredModels, resolveSettings } from '@avd/pipeline';
import { makeMedia } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { diarizeHelp, parseDiarizeOptions } from './diarize-options.js';
import { diarizeVideo } from './index.js';

let dir = '';
beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-options-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('what runs the networks', () => {
  it('is left to the defaults unless it was chosen', () => {
    const options = parseDiarizeOptions([]);
    expect(options).not.toHaveProperty('executionProviders');
    expect(options).not.toHaveProperty('threadsPerRun');
    expect(options?.settings.precision).toBe('float32');
  });

  it('can be chosen', () => {
    const options = parseDiarizeOptions([
      ...['--execution-providers', ' cpu,', '--threads-per-run', '2', '--precision', 'int8'],
    ]);
    expect(options).toMatchObject({
      executionProviders: ['cpu'],
      threadsPerRun: 2,
      settings: { precision: 'int8' },
    });
  });

  it.each([
    [['--execution-providers', 'gpu'], 'There is no execution provider gpu; there are cpu, cuda'],
    [['--threads-per-run', '0'], '--threads-per-run must be a whole number from 1 to 256'],
    [['--precision', 'int4'], '--precision must be one of float32, int8, not "int4"'],
  ])('refuses %j in one sentence', (argv, message) => {
    expect(() => parseDiarizeOptions(argv)).toThrow(message);
    expect(() => parseDiarizeOptions(argv)).toThrow(AvdError);
  });
});

describe('a profile', () => {
  it.each(PROFILES)('%s: avd models pull fetches the very networks it runs', (profile) => {
    const settings = resolveSettings({ profile });
    const plan = planVideo({ frameCount: 50, sampleCount: 32_000, chunkFrames: 100, settings });
    const pulled = selectModels([profile], modelManifest).map(({ name }) => name);
    expect(requiredModels(plan, settings).sort()).toEqual(pulled.sort());
  });

  it('modern is in the help, with where its networks come from', () => {
    expect(diarizeHelp).toContain('lite | modern | voxconverse');
    expect(diarizeHelp).toContain('avd models pull modern');
  });
});

describe('a run', () => {
  it.each([
    [
      { faceDetector: 's3fd', precision: 'int8' },
      'MODEL_NOT_QUANTIZED',
      /^The model s3fd has no 8-bit form in \S+ yet: run "avd models quantize s3fd --calibrate VIDEO --ckpt-dir \S+"\.$/,
    ],
    [{ profile: 'modern' }, 'MODEL_NOT_PULLED', /run: avd models pull modern --ckpt-dir \S+$/],
  ] as const)('with %j says what to run first', async (choices, reason, message) => {
    const input = path.join(dir, 'talk.mp4');
    await makeMedia([
      ...['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=1'],
      ...['-f', 'lavfi', '-i', 'sine=duration=1', input],
    ]);
    const outDir = await mkdtemp(path.join(dir, 'out-'));
    const ckptDir = path.join(dir, 'models');
    const run = diarizeVideo({ input, outDir, ckptDir, settings: resolveSettings(choices) });
    await expect(run).rejects.toMatchObject({
      kind: 'precondition',
      reason,
      message: expect.stringMatching(message) as string,
    });
    expect(await readdir(outDir)).toEqual([]);
  });
});
