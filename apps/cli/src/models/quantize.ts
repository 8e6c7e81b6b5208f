import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AvdError } from '@avd/domain';
import { createModelPool } from '@avd/inference';
import { openMedia } from '@avd/media';
import type { MediaFile } from '@avd/media';
import { keepQuantized, locateModel, QUANTIZABLE, startCalibration } from '@avd/models';
import type { QuantizableName } from '@avd/models';
import type { Model, Tensor } from '@avd/stage-kit';
import { badOption } from '../arguments.js';
import type { ModelsContext } from './models-context.js';

/** Pictures of the video the numbers are seen on. */
const SAMPLE_COUNT = 16;
/** S3FD sees every frame at this share of its size. */
const S3FD_SCALE = 0.35;
const LIP_SIDE_PX = 224;
const LIP_FRAMES = 9;

/** `avd models quantize`: the 8-bit form of networks, with the ranges of their numbers seen on a video. */
export async function quantizeModels(context: ModelsContext): Promise<number> {
  const { words, calibrationVideo } = context;
  if (words.length === 0 || calibrationVideo === undefined) {
    throw badOption(`Say what and on which video: avd models quantize s3fd --calibrate VIDEO.`);
  }
  const names = words.map((word): QuantizableName => {
    const name = QUANTIZABLE.find((candidate) => candidate === word);
    if (name === undefined) {
      throw badOption(`There is no 8-bit form of ${word}, only of ${QUANTIZABLE.join(', ')}.`);
    }
    return name;
  });
  const workDir = await mkdtemp(path.join(tmpdir(), 'avd-quantize-'));
  try {
    const { signal } = context;
    await using media = await openMedia(calibrationVideo, { workDir, signal, withSound: false });
    for (const name of names) {
      const startedMs = performance.now();
      const kept = await quantize(name, media, workDir, context);
      const elapsedSec = (performance.now() - startedMs) / 1000;
      process.stderr.write(`${name}: 8-bit form made (${elapsedSec.toFixed(1)} s)\n`);
      process.stdout.write(`${kept}\n`);
    }
    return 0;
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function quantize(
  name: QuantizableName,
  media: MediaFile,
  workDir: string,
  { cacheDir, manifest, signal }: ModelsContext,
): Promise<string> {
  const located = await locateModel(name, { cacheDir, manifest });
  const calibration = startCalibration(await readFile(located.path));
  const probePath = path.join(workDir, `${name}.onnx`);
  await writeFile(probePath, calibration.probe);
  await using pool = createModelPool({
    threads: 1,
    locate: async () => ({ ...located, path: probePath }),
  });
  const model = await pool.load(name);
  const show = async (inputs: Parameters<Model['run']>[0]): Promise<void> =>
    calibration.observe(await model.run(inputs, signal));
  if (name === 's3fd') {
    for await (const image of wholePictures(media, signal)) await show({ image });
  } else {
    for await (const frames of middlePictures(media, signal)) await show({ frames });
  }
  return keepQuantized(name, cacheDir, calibration.finish());
}

/** Frames from all over the video, as S3FD sees them. */
async function* wholePictures(media: MediaFile, signal: AbortSignal): AsyncGenerator<Tensor> {
  const { width, height, frameCount } = pictures(media);
  const scaled = (lengthPx: number): number => Math.max(32, Math.floor(lengthPx * S3FD_SCALE));
  const size = { width: scaled(width), height: scaled(height) };
  const step = Math.max(1, Math.floor(frameCount / SAMPLE_COUNT));
  const range = { startFrame: 0, endFrame: frameCount };
  for await (const frame of media.frames(range, { signal, step, size })) {
    yield { data: new Uint8Array(frame.data), dims: [1, frame.height, frame.width, 3] };
  }
}

/** Short pieces from all over the video, the middle of the picture: what face crops look like in close-ups. */
async function* middlePictures(media: MediaFile, signal: AbortSignal): AsyncGenerator<Tensor> {
  const { width, height, frameCount } = pictures(media);
  const factor = LIP_SIDE_PX / Math.min(width, height);
  const scaled = (lengthPx: number): number => Math.max(LIP_SIDE_PX, Math.round(lengthPx * factor));
  const size = { width: scaled(width), height: scaled(height) };
  const [left, top] = [(size.width - LIP_SIDE_PX) >> 1, (size.height - LIP_SIDE_PX) >> 1];
  const rowBytes = 3 * LIP_SIDE_PX;
  const step = Math.max(LIP_FRAMES, Math.floor(frameCount / SAMPLE_COUNT));
  for (let startFrame = 0; startFrame + LIP_FRAMES <= frameCount; startFrame += step) {
    const data = new Uint8Array(LIP_FRAMES * LIP_SIDE_PX * rowBytes);
    const range = { startFrame, endFrame: startFrame + LIP_FRAMES };
    let at = 0;
    for await (const { data: pixels } of media.frames(range, { signal, size })) {
      for (let row = 0; row < LIP_SIDE_PX; row++, at += rowBytes) {
        const from = 3 * ((top + row) * size.width + left);
        data.set(pixels.subarray(from, from + rowBytes), at);
      }
    }
    yield { data, dims: [LIP_FRAMES, LIP_SIDE_PX, LIP_SIDE_PX, 3] };
  }
}

function pictures({ info }: MediaFile): NonNullable<MediaFile['info']['video']> {
  const { video } = info;
  if (video === undefined || video.frameCount < LIP_FRAMES) {
    throw new AvdError(
      'invalidInput',
      'NO_PICTURES',
      `The video to calibrate with needs at least ${LIP_FRAMES} pictures.`,
    );
  }
  return video;
}
