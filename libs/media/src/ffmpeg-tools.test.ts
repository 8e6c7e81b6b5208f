import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFfmpeg, installHint } from './ffmpeg-tools.js';

let dir: string;
const program = (folder: string, name: string) => {
  mkdirSync(path.join(dir, folder), { recursive: true });
  const file = path.join(dir, folder, name);
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
};

beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'avd-tools-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('findFfmpeg', () => {
  it('takes the first programs on the PATH', async () => {
    const ffmpegPath = program('bin', 'ffmpeg');
    const ffprobePath = program('bin', 'ffprobe');
    const PATH = [path.join(dir, 'none'), path.join(dir, 'bin')].join(path.delimiter);
    expect(await findFfmpeg({ PATH })).toEqual({ ffmpegPath, ffprobePath });
  });

  it('takes AVD_FFMPEG as the program or as its folder', async () => {
    const ffmpegPath = program('own', 'ffmpeg');
    const ffprobePath = program('own', 'ffprobe');
    const expected = { ffmpegPath, ffprobePath };
    expect(await findFfmpeg({ AVD_FFMPEG: ffmpegPath, PATH: '' })).toEqual(expected);
    expect(await findFfmpeg({ AVD_FFMPEG: path.join(dir, 'own'), PATH: '' })).toEqual(expected);
  });

  it('says in one sentence how to install it when it is missing', async () => {
    await expect(findFfmpeg({ PATH: dir })).rejects.toMatchObject({
      kind: 'precondition',
      reason: 'FFMPEG_MISSING',
      message: `ffmpeg is not installed: ${installHint()}.`,
    });
  });

  it('names a wrong AVD_FFMPEG', async () => {
    const found = findFfmpeg({ AVD_FFMPEG: '/nowhere/ffmpeg', PATH: '' });
    await expect(found).rejects.toMatchObject({ reason: 'FFMPEG_MISSING' });
    await expect(found).rejects.toThrow('"/nowhere/ffmpeg"');
  });

  it('gives the command of each platform', () => {
    expect(installHint('linux')).toContain('apt-get install ffmpeg');
    expect(installHint('darwin')).toContain('brew install ffmpeg');
    expect(installHint('win32')).toContain('winget install ffmpeg');
  });
});
