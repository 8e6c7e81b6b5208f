import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { FrameRange } from '@avd/domain';
import { findFfmpeg, type FfmpegTools, installHint } from '../ffmpeg-tools.js';
import { type MediaFile, openMedia, type OpenMediaOptions } from '../open-media.js';

/** A signal that is never aborted. */
export const never: AbortSignal = new AbortController().signal;

/** Media made on the fly in a temporary folder. */
export class TestMedia {
  readonly dir = mkdtempSync(path.join(tmpdir(), 'avd-media-'));
  readonly workDir = path.join(this.dir, 'work');
  #tools: FfmpegTools | undefined;

  async tools(): Promise<FfmpegTools> {
    this.#tools ??= await findFfmpeg().catch((error: unknown) => {
      throw new Error(`the tests of libs/media need ffmpeg: ${installHint()}`, { cause: error });
    });
    return this.#tools;
  }

  pathOf(name: string): string {
    return path.join(this.dir, name);
  }

  /** Runs ffmpeg in the folder; `args` end with the name of the file that is made. */
  async make(...args: readonly string[]): Promise<string> {
    const { ffmpegPath } = await this.tools();
    execFileSync(ffmpegPath, ['-v', 'error', '-y', ...args], {
      cwd: this.dir,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return this.pathOf(args.at(-1)!);
  }

  async open(file: string, options: Partial<OpenMediaOptions> = {}): Promise<MediaFile> {
    await this.tools();
    return openMedia(file, { workDir: this.workDir, signal: never, ...options });
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Arguments for a test picture (every frame differs) and, unless left out, a tone. */
export function testSource(
  ratePerSec: string,
  options: { readonly size?: string; readonly durationSec?: number; readonly sound?: boolean } = {},
): string[] {
  const { size = '160x90', durationSec = 3, sound = true } = options;
  const picture = `testsrc2=s=${size}:r=${ratePerSec}:d=${durationSec}`;
  const tone = `sine=440:r=44100:d=${durationSec}`;
  return ['-f', 'lavfi', '-i', picture, ...(sound ? ['-f', 'lavfi', '-i', tone] : [])];
}

/** H.264 with B-frames and a key picture every 12. */
export const H264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '12', '-bf', '3'];

/** One hash a frame. */
export async function frameHashes(
  media: MediaFile,
  range: FrameRange,
  options: { readonly step?: number; readonly only?: readonly number[] } = {},
): Promise<string[]> {
  const hashes: string[] = [];
  for await (const frame of media.frames(range, { signal: never, ...options })) {
    hashes.push(`${frame.frameIndex} ${hashOf(frame.data)}`);
  }
  return hashes;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex');
}

export function allFrames(media: MediaFile): FrameRange {
  return { startFrame: 0, endFrame: media.info.video?.frameCount ?? 0 };
}

/**
 * Copies an MP4 file and writes the display matrix of a quarter turn clockwise into its track header: ffmpeg's own
 * option for it changed from version to version.
 */
export function turnedCopy(mp4: string, outPath: string): string {
  const bytes = readFileSync(mp4);
  const matrixOffset = bytes.indexOf('tkhd') + 44;
  const quarterTurn = [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000];
  quarterTurn.forEach((value, i) => bytes.writeInt32BE(value, matrixOffset + 4 * i));
  writeFileSync(outPath, bytes);
  return outPath;
}
