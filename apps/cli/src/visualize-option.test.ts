import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFfmpeg, probeMedia } from '@avd/media';
import { makeMedia, runTool } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDiarizeOptions } from './diarize-options.js';
import { diarizeVideo, resolveSettings, type JobEvent } from './index.js';

const cli = fileURLToPath(new URL('../bin/avd.js', import.meta.url));
const sample = fileURLToPath(new URL('../../../sample/sample.mp4', import.meta.url));
let dir: string;
let video: string;
let cacheDir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-visualize-'));
  cacheDir = path.join(dir, 'cache');
  video = path.join(dir, 'talk.mov');
  // 30 pictures a second: the grid of the analysis has 25.
  await makeMedia([
    ...['-i', sample, '-t', '5', '-vf', 'scale=640:360,fps=30', '-preset', 'veryfast', video],
  ]);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function run(
  input: string,
  outDir: string,
  visualize: { readonly width?: number },
): Promise<{ readonly events: readonly JobEvent[]; readonly names: readonly string[] }> {
  const events: JobEvent[] = [];
  const settings = resolveSettings({});
  const onEvent = (event: JobEvent): void => void events.push(event);
  await diarizeVideo({ input, outDir, settings, visualize, cacheDir, onEvent });
  return { events, names: (await readdir(outDir)).sort() };
}

const results = ['diarization.json', 'result.json', 'result.rttm'];

describe('avd diarize --visualize', () => {
  it('writes out.mp4 for browsers beside the other results, at the rate of the source, and shows how far it is', async () => {
    const outDir = path.join(dir, 'out');
    const { events, names } = await run(video, outDir, {});
    expect(names).toEqual([...results.slice(0, 1), 'out.mp4', ...results.slice(1)]);
    const never = new AbortController().signal;
    const probe = await probeMedia(path.join(outDir, 'out.mp4'), await findFfmpeg(), never);
    expect(probe.video).toMatchObject({
      ...{ codec: 'h264', width: 640, height: 360 },
      averageFrameRate: { num: 30, den: 1 },
    });
    expect(probe.audio?.codec).toBe('aac');
    expect(Math.abs(probe.durationSec! - 5)).toBeLessThan(0.1);
    const steps = events.filter((event) => 'step' in event && event.step === 'annotateVideo');
    const done = steps.flatMap((event) => (event.type === 'progress' ? [event.done] : []));
    expect(done).toEqual([0, 1, 2, 3, 4]);
    expect(steps.at(-1)?.type).toBe('step');
  }, 60_000);

  it('leaves the other results as they are without it', async () => {
    const plain = path.join(dir, 'plain');
    await diarizeVideo({ input: video, outDir: plain, settings: resolveSettings({}), cacheDir });
    expect((await readdir(plain)).sort()).toEqual(results);
    await run(video, path.join(dir, 'again'), { width: 320 });
    for (const name of results) {
      const [a, b] = await Promise.all(
        ['plain', 'again'].map((folder) => readFile(path.join(dir, folder, name), 'utf8')),
      );
      expect(a).toBe(b);
    }
  }, 60_000);

  it('says that sound alone gives no video', async () => {
    const input = path.join(dir, 'sound.wav');
    await makeMedia(['-i', sample, '-t', '3', '-vn', input]);
    const { events, names } = await run(input, path.join(dir, 'sound'), {});
    expect(names).toEqual(results);
    const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    expect(notices.join()).toMatch(/no pictures to draw into, so out\.mp4 is not written/);
  }, 60_000);

  it('does not replace a recording that is itself called out.mp4', async () => {
    const outDir = path.join(dir, 'itself');
    await mkdir(outDir);
    const input = path.join(outDir, 'out.mp4');
    await makeMedia(['-i', video, '-c', 'copy', input]);
    await expect(run(input, outDir, {})).rejects.toMatchObject({ reason: 'WOULD_OVERWRITE_INPUT' });
    expect(await readdir(outDir)).toEqual(['out.mp4']);
  });

  // A terminal sends Ctrl-C to ffmpeg as well, which then ends in good order with half a video.
  it.each(['the program alone', 'the program and its children'])(
    'leaves nothing behind when Ctrl-C reaches %s',
    async (whom) => {
      const temp = await mkdtemp(path.join(dir, 'temp-'));
      const outDir = path.join(dir, 'stopped', 'deep');
      // The analysis comes from the cache, and large pictures leave time to stop.
      const args = ['diarize', '-i', video, '-o', outDir, '--cache-dir', cacheDir];
      const child = spawn(process.execPath, [cli, ...args, '--visualize-width', '3840'], {
        env: { ...process.env, TMPDIR: temp },
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let output = '';
      let isSignalled = false;
      child.stderr.on('data', (text: Buffer) => {
        output += String(text);
        if (isSignalled || !/drawing the video: \d+ of/.test(output)) return;
        isSignalled = true;
        process.kill(whom === 'the program alone' ? child.pid! : -child.pid!, 'SIGINT');
      });
      const exitCode = await new Promise((resolve) => child.on('close', resolve));
      expect(exitCode, output).toBe(130);
      expect(output).toMatch(/avd: Stopped before the end\.\n$/);
      expect(await readdir(temp)).toEqual([]);
      expect(await readdir(dir)).not.toContain('stopped');
    },
    120_000,
  );
});

describe('the options of --visualize', () => {
  it('mean what they say; a width alone is enough', () => {
    expect(parseDiarizeOptions([])).not.toHaveProperty('visualize');
    expect(parseDiarizeOptions(['--visualize'])?.visualize).toEqual({});
    expect(parseDiarizeOptions(['--visualize_width', '640'])?.visualize).toEqual({ width: 640 });
  });

  it('are taught by --help and refused in one sentence', async () => {
    const help = await runTool(process.execPath, [cli, 'diarize', '--help']);
    expect(help.stdout).toContain('--visualize-width N');
    expect(() => parseDiarizeOptions(['--visualize-width', '10'])).toThrow(
      /--visualize-width must be a whole number from 64 to 7680, not "10"/,
    );
  });
});
