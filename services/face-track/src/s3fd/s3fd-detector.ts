import type { FaceDetection } from '@avd/domain';
import type { Model, Tensor, VideoFrame } from '@avd/stage-kit';
import { LinearResizer, scaledSize } from '@avd/vision';
import type { CreateFaceDetector, FaceDetector } from '../face-detector.js';
import { DEFAULT_SHOT_OPTIONS } from '../find-shots.js';
import { detectS3fd } from './detect.js';
import { s3fdFaces } from './pixel-faces.js';
import { s3fdPriors } from './priors.js';

export const S3FD_MODEL_NAME = 's3fd';

/** Factor by which frames are made smaller. */
const SCALE = 0.35;
/** The network needs this many pixels a side. */
const MIN_SIDE_PX = 28;
const DEFAULT_MIN_SCORE = 0.9;

/**
 * Face detector on S3FD, as the `voxconverse` profile has it: every frame at 0.35 of its size, faces with a probability
 * above 0.9. Small frames are not made smaller than the network can see.
 */
export const createS3fdDetector: CreateFaceDetector = async (options, models) =>
  new S3fdDetector(
    await models.load(S3FD_MODEL_NAME),
    options.detectEvery,
    options.minScore ?? DEFAULT_MIN_SCORE,
  );

/** What depends on the size of the frames. */
interface Scaling {
  readonly frameWidth: number;
  readonly frameHeight: number;
  readonly factor: number;
  readonly resizer: LinearResizer;
  readonly pixels: Uint8Array;
  readonly priors: Float32Array;
}

class S3fdDetector implements FaceDetector {
  readonly gridPeriodFrames = 1;
  readonly #model: Model;
  readonly #detectEvery: number;
  readonly #minScore: number;
  #scaling: Scaling | undefined;

  constructor(model: Model, detectEvery: number, minScore: number) {
    this.#model = model;
    this.#detectEvery = detectEvery;
    this.#minScore = minScore;
  }

  async detect(
    frame: VideoFrame,
    contentScore: number,
    signal: AbortSignal,
  ): Promise<readonly FaceDetection[] | undefined> {
    const isCut = contentScore >= DEFAULT_SHOT_OPTIONS.cutThreshold;
    if (!isCut && frame.frameIndex % this.#detectEvery !== 0) return undefined;
    const { width, height } = frame;
    const scaling = this.#scalingFor(width, height);
    const { resizer, pixels, priors, factor } = scaling;
    resizer.resize(frame, pixels, { stepX: 1 / factor, stepY: 1 / factor });
    // The pool copies its inputs before it gives control back, so the pixels may be used again.
    const image: Tensor = { data: pixels, dims: [1, resizer.height, resizer.width, 3] };
    const outputs = await this.#model.run({ image }, signal);
    const loc = outputs['loc']!.data as Float32Array;
    const scores = outputs['scores']!.data as Float32Array;
    return s3fdFaces(detectS3fd(loc, scores, priors), { width, height }, this.#minScore);
  }

  #scalingFor(frameWidth: number, frameHeight: number): Scaling {
    const last = this.#scaling;
    if (last?.frameWidth === frameWidth && last.frameHeight === frameHeight) return last;
    const factor = Math.max(SCALE, MIN_SIDE_PX / Math.min(frameWidth, frameHeight));
    const { width, height } = scaledSize(frameWidth, frameHeight, factor);
    this.#scaling = {
      frameWidth,
      frameHeight,
      factor,
      resizer: new LinearResizer(width, height),
      pixels: new Uint8Array(width * height * 3),
      priors: s3fdPriors(width, height),
    };
    return this.#scaling;
  }
}
