import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ffmpegArgs } from './ffmpeg-args.js';

describe('ffmpegArgs', () => {
  const args = ffmpegArgs({
    inputPath: "odd: name 50%d 'x'.mp4",
    inputOptions: ['-ss', '1 2'],
    videoFilter: 'select=not(mod(pts\\,2)),format=bgr24',
    outputOptions: ['-f', 'rawvideo'],
    output: 'pipe:1',
  });

  it('passes names and values on as they are, blanks and colons too', () => {
    expect(args[args.indexOf('-i') + 1]).toBe(`file:${path.resolve("odd: name 50%d 'x'.mp4")}`);
    expect(args[args.indexOf('-ss') + 1]).toBe('1 2');
    expect(args[args.indexOf('-filter:v') + 1]).toBe('select=not(mod(pts\\,2)),format=bgr24');
  });

  it('puts input options before the input and output options after it', () => {
    expect(args.indexOf('-ss')).toBeLessThan(args.indexOf('-i'));
    expect(args.indexOf('rawvideo')).toBeGreaterThan(args.indexOf('-i'));
    expect(args.at(-1)).toBe('pipe:1');
  });

  it('lets the input open files only', () => {
    expect(args[args.indexOf('-protocol_whitelist') + 1]).toBe('file');
  });
});
