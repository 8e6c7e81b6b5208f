import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FaceTrack, TimeSpan } from '@avd/domain';
import { findFfmpeg, openMedia, WavReader } from '@avd/media';
import type { MediaReader, ModelPool, StageContext } from '@avd/stage-kit';

/** Sound of a wav file (16 kHz mono) without a picture. Only for tests. */
export async function wavMedia(file: string): Promise<MediaReader> {
  await using reader = await WavReader.open(file);
  const samples = await reader.samples(0, 1e9);
  return {
    info: { audio: { sampleCount: samples.length }, durationSec: samples.length / 16_000 },
    frames: () => {
      throw new Error('a medium of sound only');
    },
    samples: async (startSample, endSample) => samples.slice(startSample, endSample),
  };
}

/** A video opened in a folder of its own that goes with it. Only for tests. */
export async function openGoldenVideo(file: string): Promise<MediaReader & AsyncDisposable> {
  const workDir = await mkdtemp(path.join(tmpdir(), 'avd-golden-'));
  const media = await openMedia(file, { workDir, signal: new AbortController().signal });
  return {
    info: media.info,
    frames: (range, options) => media.frames(range, options),
    samples: (startSample, endSample) => media.samples(startSample, endSample),
    async [Symbol.asyncDispose]() {
      await media[Symbol.asyncDispose]();
      await rm(workDir, { recursive: true });
    },
  };
}

/**
 * First pictures of a video as the reference's SyncNet reads them: written as JPEG by ffmpeg, then decoded with smooth
 * colours as OpenCV does. Only for tests.
 * @returns packed BGR, one picture after the other
 */
export async function readThroughJpeg(file: string, frameCount: number): Promise<Uint8Array> {
  const { ffmpegPath } = await findFfmpeg();
  const dir = await mkdtemp(path.join(tmpdir(), 'avd-jpeg-'));
  const run = promisify(execFile);
  try {
    const frames = ['-frames:v', String(frameCount)];
    const pictures = path.join(dir, '%06d.jpg');
    await run(ffmpegPath, ['-v', 'error', '-i', file, ...frames, '-f', 'image2', pictures]);
    const smooth =
      'scale=flags=bilinear+accurate_rnd,format=yuvj444p,scale=flags=accurate_rnd+full_chroma_int';
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'bgr24', '-'];
    const options = { encoding: 'buffer', maxBuffer: 2 ** 30 } as const;
    const decode = ['-v', 'error', '-i', pictures, '-vf', smooth, ...raw];
    return (await run(ffmpegPath, decode, options)).stdout;
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Context of a stage. Only for tests. */
export function stageContext(media: MediaReader, models: ModelPool): StageContext {
  return { media, models, signal: new AbortController().signal, report: () => undefined };
}

/** Track over a video of 224x224 whose every frame is the crop of one face, so that cropping changes nothing. */
export function cropTrack(frameCount: number): FaceTrack {
  const each = (value: number): number[] => new Array<number>(frameCount).fill(value);
  return {
    ...{ trackIndex: 0, startFrame: 0, endFrame: frameCount, boxes: [] },
    ...{ centreX: each(112), centreY: each(80), halfSize: each(80) },
  };
}

/** Spans from the pairs (start, duration) of the golden vectors. */
export function toSpans(pairs: readonly (readonly [number, number])[]): TimeSpan[] {
  return pairs.map(([startSec, durationSec]) => ({ startSec, endSec: startSec + durationSec }));
}
