import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMedia, runTool } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../bin/avd.js', import.meta.url));
const sample = fileURLToPath(new URL('../../../sample/sample.mp4', import.meta.url));
let dir: string;
let video: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-interrupted-'));
  video = path.join(dir, 'video.mp4');
  await makeMedia(['-i', sample, '-t', '14', '-vf', 'scale=640:360', '-preset', 'veryfast', video]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Starts a run, sends a signal as soon as its output matches, and waits for its end. */
function interrupt(
  args: readonly string[],
  when: RegExp,
  signal: NodeJS.Signals,
  env: NodeJS.ProcessEnv,
): Promise<{ exitCode: number | null; output: string; stoppedAfterMs: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let signalledMs = 0;
    const onData = (text: Buffer): void => {
      output += String(text);
      if (signalledMs > 0 || !when.test(output)) return;
      signalledMs = performance.now();
      child.kill(signal);
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode, output, stoppedAfterMs: performance.now() - signalledMs }),
    );
  });
}

describe('a run that is stopped', () => {
  it('by Ctrl-C ends soon with code 130, one sentence and no file left behind', async () => {
    const temp = await mkdtemp(path.join(dir, 'temp-'));
    const outDir = path.join(dir, 'stopped');
    const { exitCode, output, stoppedAfterMs } = await interrupt(
      ['diarize', '-i', video, '-o', outDir],
      /finding faces: \d+ of/,
      'SIGINT',
      { ...process.env, TMPDIR: temp },
    );
    expect(exitCode).toBe(130);
    expect(output).toMatch(/avd: Stopped before the end\.\n$/);
    expect(stoppedAfterMs).toBeLessThan(5000);
    expect(await readdir(temp)).toEqual([]);
    await expect(readdir(outDir)).rejects.toThrow(/ENOENT/);
  });

  it('by a kill goes on where it stopped, with the bytes of a run that was not', async () => {
    const common = [
      'diarize',
      '-i',
      video,
      '--chunk-frames',
      '100',
      '--cache-dir',
      path.join(dir, 'cache'),
    ];
    const killed = await interrupt(
      [...common, '-o', path.join(dir, 'killed')],
      /reading lips: \d+ of/,
      'SIGKILL',
      process.env,
    );
    expect(killed.exitCode).toBe(null);
    const resumed = await runTool(process.execPath, [
      cli,
      ...common,
      '-o',
      path.join(dir, 'resumed'),
    ]);
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(/finding faces: reused from the cache/);
    const again = await runTool(process.execPath, [cli, ...common, '-o', path.join(dir, 'again')]);
    expect(again.stderr.match(/reused from the cache/g)?.length).toBeGreaterThanOrEqual(7);
    const fresh = await runTool(process.execPath, [
      cli,
      'diarize',
      '-i',
      video,
      '-o',
      path.join(dir, 'fresh'),
    ]);
    expect(fresh.exitCode, fresh.stderr).toBe(0);
    for (const name of ['result.rttm', 'result.json', 'diarization.json']) {
      const [a, b, c] = await Promise.all(
        ['resumed', 'again', 'fresh'].map((run) => readFile(path.join(dir, run, name), 'utf8')),
      );
      expect(a).toBe(c);
      expect(b).toBe(c);
    }
  });
});
