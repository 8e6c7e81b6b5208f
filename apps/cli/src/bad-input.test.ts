import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeMedia, runTool, type ToolResult } from '@avd/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../bin/avd.js', import.meta.url));
const sample = fileURLToPath(new URL('../../../sample/sample.mp4', import.meta.url));
const tone = ['-f', 'lavfi', '-i', 'sine=frequency=200:duration=2'];
const picture = (size: string): string[] => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=size=${size}:rate=25:duration=2`,
];
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'avd-bad-input-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const at = (name: string): string => path.join(dir, name);

/** Temporary files of this run only go to a folder of its own, so that leftovers are seen. */
async function diarize(
  input: string,
  ...more: string[]
): Promise<ToolResult & { readonly outDir: string }> {
  const outDir = await mkdtemp(at('out-'));
  const temp = await mkdtemp(at('temp-'));
  const result = await runTool(
    process.execPath,
    [cli, 'diarize', '-i', input, '-o', outDir, ...more],
    {
      env: { ...process.env, TMPDIR: temp, AVD_DEBUG: '' },
    },
  );
  expect(await readdir(temp), 'temporary files left behind').toEqual([]);
  return { ...result, outDir };
}

async function expectRefused(input: string, exitCode: number, message: RegExp): Promise<void> {
  const result = await diarize(input);
  expect(result.exitCode, result.stderr).toBe(exitCode);
  const lines = result.stderr
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('avd:'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(message);
  expect(result.stderr + result.stdout).not.toMatch(/\n\s+at /);
  expect(await readdir(result.outDir), 'half-written results').toEqual([]);
}

async function expectDone(input: string): Promise<{ rttm: string; notices: readonly string[] }> {
  const result = await diarize(input, '--quiet');
  expect(result.exitCode, result.stderr).toBe(0);
  expect((await readdir(result.outDir)).sort()).toEqual([
    'diarization.json',
    'result.json',
    'result.rttm',
  ]);
  const rttm = await readFile(path.join(result.outDir, 'result.rttm'), 'utf8');
  const document = JSON.parse(
    await readFile(path.join(result.outDir, 'diarization.json'), 'utf8'),
  ) as {
    notices: string[];
  };
  return { rttm, notices: document.notices };
}

describe('avd diarize refuses in one sentence', () => {
  it('a missing file', () =>
    expectRefused(at('nothing.mp4'), 3, /There is no file .*nothing\.mp4/));

  it('a folder without media', async () => {
    await mkdir(at('empty-folder'));
    await expectRefused(at('empty-folder'), 2, /no video or sound file/);
  });

  it('an empty file', async () => {
    await writeFile(at('empty.mp4'), '');
    await expectRefused(at('empty.mp4'), 2, /empty/);
  });

  it('a text file named .mp4', async () => {
    await writeFile(at('text.mp4'), 'This is not a video.\n'.repeat(100));
    await expectRefused(at('text.mp4'), 5, /text\.mp4/);
  });

  it('an mp4 whose index was cut off', async () => {
    await makeMedia([...picture('320x180'), ...tone, '-shortest', at('cut.mp4')]);
    await truncate(at('cut.mp4'), 20_000);
    await expectRefused(at('cut.mp4'), 5, /cut\.mp4/);
  });

  it.skipIf(process.getuid?.() === 0)('a file it may not read', async () => {
    await makeMedia([...tone, at('secret.wav')]);
    await chmod(at('secret.wav'), 0);
    await expectRefused(at('secret.wav'), 8, /permission/i);
  });

  it('an unknown option, an unknown word and numbers out of range', async () => {
    for (const [option, message] of [
      [['--nonsense'], /nonsense.*--help/],
      [['--vad', 'loud'], /--vad must be one of pywebrtcvad, silero/],
      [['--num-speakers', '0'], /--num-speakers must be a whole number of at least 1/],
      [['--min-speakers', '5', '--max-speakers', '2'], /minimum of 5 .* above the maximum of 2/],
    ] as const) {
      const result = await diarize(sample, ...option);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toMatch(message);
    }
  });

  it('a result folder that cannot be made', async () => {
    await writeFile(at('a-file'), '');
    await makeMedia([...tone, at('tone.wav')]);
    const result = await runTool(process.execPath, [
      cli,
      'diarize',
      '-i',
      at('tone.wav'),
      '-o',
      at('a-file/out'),
      '--quiet',
    ]);
    expect(result.exitCode).toBe(2);
    expect(result.stderr).toMatch(/^avd: A file is where a folder should be.*a-file.*\n$/);
  });
});

/** A file system of 300 kB; needs the right to mount one. */
async function mountSmallDisk(folder: string): Promise<boolean> {
  await mkdir(folder);
  const { exitCode } = await runTool('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', folder]);
  return exitCode === 0;
}

describe('avd diarize on a full disk', () => {
  it('says so in one sentence and leaves nothing half-written', async (test) => {
    const disk = at('small-disk');
    if (!(await mountSmallDisk(disk))) return test.skip('needs the right to mount a file system');
    try {
      await makeMedia(['-i', sample, '-t', '5', '-vn', at('speech.wav')]);
      await writeFile(path.join(disk, 'filler'), Buffer.alloc(298 * 1024)).catch(() => undefined);
      const outDir = path.join(disk, 'out');
      const input = at('speech.wav');
      const result = await runTool(process.execPath, [
        cli,
        'diarize',
        '-i',
        input,
        '-o',
        outDir,
        '--quiet',
      ]);
      expect(result.exitCode, result.stderr).toBe(7);
      expect(result.stderr).toMatch(/^avd: The disk is full.*\n$/);
      expect(await readdir(outDir).catch(() => [])).toEqual([]);
    } finally {
      await runTool('umount', [disk]);
    }
  });
});

describe('avd diarize copes with', () => {
  it('a video without sound: an empty result and a notice', async () => {
    await makeMedia([...picture('320x180'), at('silent.mp4')]);
    const { rttm, notices } = await expectDone(at('silent.mp4'));
    expect(rttm).toBe('');
    expect(notices.join()).toMatch(/no sound/);
  });

  it('sound of no length', async () => {
    await makeMedia([
      ...picture('320x180'),
      '-f',
      'lavfi',
      '-i',
      'anullsrc=r=16000:cl=mono',
      '-t',
      '2',
      '-c:v',
      'mpeg4',
      '-af',
      'atrim=end=0',
      at('no-length.mkv'),
    ]);
    expect((await expectDone(at('no-length.mkv'))).rttm).toBe('');
  });

  it('a video of one frame', async () => {
    await makeMedia([
      ...picture('320x180'),
      ...tone,
      '-frames:v',
      '1',
      '-t',
      '0.04',
      at('one-frame.mp4'),
    ]);
    expect((await expectDone(at('one-frame.mp4'))).rttm).toBe('');
  });

  it.each([
    ['8 kHz mono', ['-ac', '1', '-ar', '8000']],
    ['48 kHz 5.1', ['-ac', '6', '-ar', '48000']],
  ])('%s sound alone: the speech is found', async (name, sound) => {
    const file = at(`${name.replaceAll(' ', '-')}.wav`);
    await makeMedia(['-i', sample, '-t', '6', '-vn', ...sound, file]);
    expect((await expectDone(file)).rttm).toMatch(/^SPEAKER /);
  });

  it.each([
    ['odd sizes', 'odd.mkv', ['-vf', 'scale=853:479', '-c:v', 'ffv1', '-pix_fmt', 'bgr0']],
    [
      'a rotated phone video',
      'rotated.mp4',
      ['-vf', 'scale=640:360,transpose=2', '-metadata:s:v', 'rotate=90'],
    ],
    ['4K', '4k.mp4', ['-vf', 'scale=3840:2160', '-preset', 'ultrafast']],
  ])('%s', async (_name, file, options) => {
    await makeMedia(['-i', sample, '-t', '3', ...options, at(file)]);
    expect((await expectDone(at(file))).rttm).toMatch(/^SPEAKER /);
  });

  it('several inputs, one of them bad: a folder each, the others done, its exit code', async () => {
    await makeMedia(['-i', sample, '-t', '5', '-vn', at('good one.wav')]);
    const outDir = at('several');
    const result = await runTool(process.execPath, [
      cli,
      'diarize',
      '-i',
      at('nothing.mp4'),
      '-i',
      at('good one.wav'),
      '-o',
      outDir,
      '--quiet',
    ]);
    expect(result.exitCode).toBe(3);
    const rttm = await readFile(path.join(outDir, 'good one', 'result.rttm'), 'utf8');
    expect(rttm).toMatch(/^SPEAKER good_one 1 /);
  });
});
