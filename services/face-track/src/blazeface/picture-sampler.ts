import type { Box } from '@avd/domain';
import type { Model, Tensor } from '@avd/stage-kit';
import { nchwFormat, TensorCropper } from '@avd/vision';
import type { BgrImage } from '@avd/vision';
import { decodeFaces } from './decode-faces.js';
import type { FaceCandidate } from './decode-faces.js';

/** Part of a frame as the network wants it: RGB, channels first, values in [-1, 1]. */
export interface Sample {
  readonly tensor: Tensor;
  readonly region: Box;
}

/** Cuts regions out of frames at one input size of the network. Holds scratch memory. */
export class PictureSampler {
  readonly #cropper: TensorCropper;
  readonly #widthPx: number;
  readonly #heightPx: number;

  /** Both sides are multiples of BLAZEFACE_SIZE_STEP. */
  constructor(widthPx: number, heightPx: number) {
    const format = nchwFormat(widthPx * heightPx, {
      channelOrder: 'rgb',
      scale: 1 / 127.5,
      offset: -1,
    });
    this.#cropper = new TensorCropper({ width: widthPx, height: heightPx, format });
    this.#widthPx = widthPx;
    this.#heightPx = heightPx;
  }

  sample(frame: BgrImage, region: Box): Sample {
    const data = new Float32Array(3 * this.#widthPx * this.#heightPx);
    this.#cropper.crop(frame, region, data);
    return { tensor: { data, dims: [1, 3, this.#heightPx, this.#widthPx] }, region };
  }
}

/** Runs the network on a sample; @returns candidates in pixels of the frame. */
export async function findCandidates(
  model: Model,
  { tensor, region }: Sample,
  minScore: number,
  signal: AbortSignal,
): Promise<FaceCandidate[]> {
  const outputs = await model.run({ image: tensor }, signal);
  const [, , heightPx = 0, widthPx = 0] = tensor.dims;
  const scaleX = (region.right - region.left) / widthPx;
  const scaleY = (region.bottom - region.top) / heightPx;
  return decodeFaces(outputs, widthPx, minScore).map(({ box, score }) => ({
    score,
    box: {
      left: region.left + box.left * scaleX,
      top: region.top + box.top * scaleY,
      right: region.left + box.right * scaleX,
      bottom: region.top + box.bottom * scaleY,
    },
  }));
}
