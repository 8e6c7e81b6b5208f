import type { FaceDetection } from '@avd/domain';
import type { Model, VideoFrame } from '@avd/stage-kit';
import type { CreateFaceDetector, FaceDetector } from '../face-detector.js';
import { DEFAULT_SHOT_OPTIONS } from '../find-shots.js';
import { decodeYunet } from './decode-yunet.js';
import { YunetInput } from './yunet-input.js';

export const YUNET_MODEL_NAME = 'yunet';

const DEFAULT_MIN_SCORE = 0.6;

/** Face detector on YuNet: every frame with its longer side at 640 pixels at most. */
export const createYunetDetector: CreateFaceDetector = async (options, models) =>
  new YunetDetector(
    await models.load(YUNET_MODEL_NAME),
    options.detectEvery,
    options.minScore ?? DEFAULT_MIN_SCORE,
  );

class YunetDetector implements FaceDetector {
  readonly gridPeriodFrames = 1;
  readonly #model: Model;
  readonly #detectEvery: number;
  readonly #minScore: number;
  #input: YunetInput | undefined;

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
    if (this.#input?.isFor(frame) !== true) this.#input = new YunetInput(frame);
    const input = this.#input;
    // The pool copies its inputs before it gives control back, so the buffer may be filled again.
    const outputs = await this.#model.run({ input: input.fill(frame) }, signal);
    const faces = decodeYunet(outputs, input.widthPx, input.heightPx, this.#minScore);
    return faces.map(({ box, score }) => ({
      box: {
        left: box.left / input.factor,
        top: box.top / input.factor,
        right: box.right / input.factor,
        bottom: box.bottom / input.factor,
      },
      score,
    }));
  }
}
