import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  filesOfOneProcess,
  makeClip,
  RESULT_FILES,
  SAMPLE,
  type ResultFiles,
} from './system-bench.js';

const PATIENT = { timeout: 600_000 };
const SERVER = process.env['AVD_ORCHESTRATOR'];
/** The command line of the images, or of this folder. */
const CLI =
  process.env['AVD_CLI'] ?? fileURLToPath(new URL('../../../bin/avd.js', import.meta.url));

/**
 * Services that somebody else started, as `node deploy/docker/exercise-build.mjs --start` does with the contents of the
 * images. They may read the folder of the sample.
 */
describe.skipIf(SERVER === undefined)(
  'the services at AVD_ORCHESTRATOR give the bytes of a run in one process',
  PATIENT,
  () => {
    let dir: string;
    beforeAll(async () => {
      dir = await mkdtemp(path.join(tmpdir(), 'avd-image-'));
    });
    afterAll(() => rm(dir, { recursive: true, force: true }));

    async function submit(input: string, ...options: readonly string[]): Promise<ResultFiles> {
      const outDir = path.join(dir, `served-${path.parse(input).name}`);
      const args = [CLI, 'submit', input, '--server', SERVER!, '--quiet', '-o', outDir, ...options];
      await promisify(execFile)(process.execPath, args);
      const texts = await Promise.all(
        RESULT_FILES.map(async (name) => [name, await readFile(path.join(outDir, name), 'utf8')]),
      );
      return Object.fromEntries(texts) as ResultFiles;
    }

    it('for a recording that they read where it is', async () => {
      const expected = await filesOfOneProcess(SAMPLE, path.join(dir, 'one-sample'));
      expect(await submit(SAMPLE, '--chunk-frames', '333')).toEqual(expected);
    });

    it('for a recording that is sent to them', async () => {
      const clip = path.join(dir, 'clip.mp4');
      await makeClip(clip, 6, 8);
      const expected = await filesOfOneProcess(clip, path.join(dir, 'one-clip'));
      expect(await submit(clip, '--upload', '--chunk-frames', '50')).toEqual(expected);
    });
  },
);
