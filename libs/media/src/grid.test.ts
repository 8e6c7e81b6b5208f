import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { allFrames, frameHashes, H264, TestMedia, testSource } from './testing/test-media.js';

const media = new TestMedia();
afterAll(() => media.remove());

/** Every picture of the file as ffmpeg decodes it: time stamp in seconds since the first, hash of its BGR pixels. */
async function decodedPictures(file: string): Promise<{ sec: number; hash: string }[]> {
  const { ffmpegPath, ffprobePath } = await media.tools();
  const run = (program: string, args: string[]) =>
    execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n');
  const secs = run(ffprobePath, [
    ...['-v', 'error', '-select_streams', 'v', '-show_frames'],
    ...['-show_entries', 'frame=best_effort_timestamp_time', '-of', 'csv=p=0', file],
  ])
    .filter((line) => /^-?\d/.test(line))
    .map((line) => parseFloat(line));
  // Evenly spaced, so that ffmpeg neither drops nor repeats a picture.
  const filter = 'settb=1/25,setpts=N,fps=25,scale=flags=bilinear+bitexact,format=bgr24';
  const lines = run(ffmpegPath, [
    ...['-v', 'error', '-i', file, '-an', '-vf', filter, '-r', '25'],
    ...['-frames:v', String(secs.length)],
    ...['-f', 'framemd5', 'pipe:1'],
  ]).filter((line) => !line.startsWith('#'));
  expect(lines.length).toBe(secs.length);
  return lines.map((line, i) => ({ sec: secs[i]! - secs[0]!, hash: line.split(/,\s*/).at(-1)! }));
}

const VARIABLE = "select='gt(mod(n*7\\,10)\\,3)',setpts='PTS+mod(N*37\\,11)*0.001/TB'";
const silent = { sound: false };

describe('frames on the grid', () => {
  it.each([
    ['25.mp4', [...testSource('25', silent), ...H264]],
    ['23976.mp4', [...testSource('24000/1001', silent), ...H264]],
    ['2997.mkv', [...testSource('30000/1001', silent), ...H264]],
    ['50.mp4', [...testSource('50', silent), ...H264]],
    ['60.mp4', [...testSource('60', silent), ...H264]],
    ['10.mp4', [...testSource('10', silent), ...H264]],
    ['variable.mkv', [...testSource('30', silent), '-vf', VARIABLE, ...H264]],
  ])('show the last picture whose rounded slot has come (%s)', async (name, args) => {
    const path = await media.make(...args, name);
    const pictures = await decodedPictures(path);
    await using file = await media.open(path);
    const shown = await frameHashes(file, allFrames(file));
    const expected = shown.map((_, n) => {
      // The tolerance is for the six digits that ffprobe prints.
      const due = pictures.filter(({ sec }) => Math.floor(sec * 25 + 0.5 + 1e-4) <= n);
      return `${n} ${due.at(-1)!.hash}`;
    });
    expect(shown).toEqual(expected);
    // The variable video starts with its third picture.
    expect(shown.length).toBe(name === 'variable.mkv' ? 73 : 75);
    expect(file.frameRateKind).toBe(name === 'variable.mkv' ? 'variable' : 'constant');
  });
});
